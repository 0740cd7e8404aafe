package main

import (
	"math"

	"nocall/internal/optout"
)

// A gradient is a logistic regression while it is being fitted, by AdaGrad
// (Duchi, Hazan and Singer, 2011).
type gradient struct {
	bias    float64
	weights []float64
	squares []float64 // of the gradients so far, for each weight
	biasSum float64
}

func newGradient() *gradient {
	return &gradient{
		weights: make([]float64, optout.Features),
		squares: make([]float64, optout.Features),
	}
}

// learn moves the weights towards one text's label.
func (g *gradient) learn(features []uint32, optOut bool) {
	if len(features) == 0 {
		return
	}
	each := 1 / math.Sqrt(float64(len(features)))
	odds := g.bias
	for _, f := range features {
		odds += g.weights[f] * each
	}
	wanted := 0.0
	if optOut {
		wanted = 1
	}
	off := 1/(1+math.Exp(-odds)) - wanted
	g.biasSum += off * off
	g.bias -= rate * off / math.Sqrt(g.biasSum+1e-6)
	for _, f := range features {
		slope := off*each + decay*g.weights[f]
		g.squares[f] += slope * slope
		g.weights[f] -= rate * slope / math.Sqrt(g.squares[f]+1e-6)
	}
}
