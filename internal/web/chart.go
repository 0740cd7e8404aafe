package web

import (
	"time"

	"nocall/internal/index"
)

// The chart's own units, which the page stretches to the room there is.
const (
	chartWidth  = 600
	chartHeight = 150
	barShare    = 0.72 // of a day's width
)

// chart is entries by day and by whom they were created, ready to be drawn.
type chart struct {
	Width, Height int
	Bars          []bar
	Top           int // the value at the upper edge
	First, Last   time.Time
	Total         int
}

// bar is one day of a chart: two pieces, one upon the other.
type bar struct {
	index.Day
	X, Width            float64
	UserY, UserHeight   float64
	SystemY, SystemHigh float64
	Left, Full          float64 // of the whole day, to point at
}

func newChart(days []index.Day) chart {
	c := chart{Width: chartWidth, Height: chartHeight}
	if len(days) == 0 {
		return c
	}
	c.First, c.Last = days[0].Date, days[len(days)-1].Date
	highest := 0
	for _, d := range days {
		highest = max(highest, d.User+d.System)
		c.Total += d.User + d.System
	}
	c.Top = roundUp(highest)
	step := float64(chartWidth) / float64(len(days))
	unit := float64(chartHeight) / float64(c.Top)
	for i, d := range days {
		b := bar{Day: d, Left: float64(i) * step, Full: step, Width: step * barShare}
		b.X = b.Left + (step-b.Width)/2
		b.UserHeight = float64(d.User) * unit
		b.UserY = chartHeight - b.UserHeight
		b.SystemHigh = float64(d.System) * unit
		b.SystemY = b.UserY - b.SystemHigh
		c.Bars = append(c.Bars, b)
	}
	return c
}

// Half returns the value in the middle, where there is a whole one.
func (c chart) Half() int {
	if c.Top%2 != 0 {
		return 0
	}
	return c.Top / 2
}

// roundUp returns the next number that reads well on an axis.
func roundUp(n int) int {
	for unit := 1; ; unit *= 10 {
		for _, step := range []int{1, 2, 4, 6, 8, 10} {
			if top := step * unit; top >= n && top >= 4 {
				return top
			}
		}
	}
}
