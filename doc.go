// Package nocall is the Do-Not-Call gate for outbound calling.
package nocall
