package eval

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// The diagram's places, in units of the picture.
const (
	plotLeft, plotTop, plotSize = 64, 24, 320
	barsTop, barsHeight         = plotTop + plotSize + 20, 64
	axisY                       = barsTop + barsHeight
)

// diagramHead opens the picture; its colours can be read on a light page and on a dark one.
const diagramHead = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 408 484" width="408" height="484" role="img" aria-label="Reliability diagram">
<style>
text { font: 12px system-ui, sans-serif; fill: #6e7781 }
.small { font-size: 10px }
.axis { stroke: #8b949e; fill: none }
.grid { stroke: #8b949e44; fill: none }
.ideal { stroke: #8b949e; stroke-dasharray: 4 4; fill: none }
.bar { fill: #3b82d677 }
.dot { fill: #3b82d6 }
.range { stroke: #3b82d6; stroke-width: 1.5 }
</style>
`

// WriteDiagram draws the report's calibration as an SVG picture: for each tenth of the confidence how often
// the first article was right, with the 95 % interval, and below how many questions there were.
func (r *Report) WriteDiagram(w io.Writer) error {
	c := r.Calibration
	var b strings.Builder
	b.WriteString(diagramHead)
	grid(&b)
	most := 1
	for _, bin := range c.EqualWidth {
		most = max(most, bin.Questions)
	}
	for i, bin := range c.EqualWidth {
		column(&b, i, bin, most)
	}
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\">calibration error %.3f</text>\n", plotLeft+12, plotTop+22, c.Error)
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" class=\"small\">%d questions</text>\n</svg>\n", plotLeft+12, plotTop+38, c.Questions)
	_, err := io.WriteString(w, b.String())
	return err
}

// grid draws axes, their labels, and the line where confidence and truth agree.
func grid(b *strings.Builder) {
	const steps = 5
	bottom, right := plotTop+plotSize, plotLeft+plotSize
	for i := range steps + 1 {
		share := float64(i) / steps
		x, y := plotX(share), plotY(share)
		fmt.Fprintf(b, "<path class=\"grid\" d=\"M%d %.1fH%dM%.1f %dV%d\"/>\n", plotLeft, y, right, x, plotTop, axisY)
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>\n", plotLeft-8, y+4, share)
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.1f</text>\n", x, axisY+18, share)
	}
	fmt.Fprintf(b, "<path class=\"axis\" d=\"M%d %dV%dH%dM%d %dH%d\"/>\n", plotLeft, plotTop, bottom, right, plotLeft, axisY, right)
	fmt.Fprintf(b, "<path class=\"ideal\" d=\"M%d %dL%d %d\"/>\n", plotLeft, bottom, right, plotTop)
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">confidence of the reply</text>\n", plotLeft+plotSize/2, axisY+38)
	fmt.Fprintf(b, "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">share of first articles that are right</text>\n", plotTop+plotSize/2)
	fmt.Fprintf(b, "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">questions</text>\n", barsTop+barsHeight/2)
}

// column draws the i-th bin: its point with its interval, its bar and its count.
func column(b *strings.Builder, i int, bin Bin, most int) {
	const gap = 2
	width := float64(plotSize) / bins
	left := plotLeft + float64(i)*width
	height := (barsHeight - 14) * float64(bin.Questions) / float64(most)
	fmt.Fprintf(b, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", left+gap, axisY-height, width-2*gap, height)
	fmt.Fprintf(b, "<text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d</text>\n", left+width/2, axisY-height-3, bin.Questions)
	if bin.Questions == 0 {
		return
	}
	low, high := wilson(bin.Right, bin.Questions)
	x := plotX(bin.Confidence)
	fmt.Fprintf(b, "<path class=\"range\" d=\"M%.1f %.1fV%.1f\"/>\n", x, plotY(low), plotY(high))
	fmt.Fprintf(b, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", x, plotY(bin.Right))
}

func plotX(share float64) float64 { return plotLeft + plotSize*share }
func plotY(share float64) float64 { return plotTop + plotSize*(1-share) }

// wilson is the 95 % interval of a share that was seen in n cases.
func wilson(share float64, n int) (low, high float64) {
	const z = 1.96
	count := float64(n)
	middle := (share + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	return middle - half, middle + half
}
