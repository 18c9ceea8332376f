package rank

import (
	"math"

	"github.com/yingda/yingda/zh"
)

// Kernel holds the constants of the similarity between two texts: a power of the weighted sum of their cosines,
// kind of token by kind.
type Kernel struct {
	Kinds      [zh.NumTokenKinds]float64 `json:"kinds"`      // weight of each kind of token
	Guide      float64                   `json:"guide"`      // share of the information measured in the guide
	Background float64                   `json:"background"` // share of the information measured in everyday Chinese
	Damping    float64                   `json:"damping"`    // exponent on a token's information
	Power      float64                   `json:"power"`      // exponent on the joint similarity: >1 favours close matches
	Ridge      float64                   `json:"ridge"`      // λ of the regression
}

// max is the similarity of a text with itself.
func (k *Kernel) max() float64 {
	sum := 0.0
	for _, weight := range k.Kinds {
		sum += weight
	}
	return sum
}

// powerPoints is how finely the kernel's power is tabulated; between two points it is a line.
const powerPoints = 1024

// powerTable turns a weighted sum of cosines into a similarity.
type powerTable struct {
	scale  float32 // points for a sum of 1
	points [powerPoints + 2]float32
}

func newPowerTable(k *Kernel) *powerTable {
	t := &powerTable{scale: powerPoints / float32(k.max())}
	for i := range t.points {
		t.points[i] = float32(k.max() * math.Pow(float64(i)/powerPoints, k.Power))
	}
	return t
}

func (t *powerTable) apply(sum float32) float32 {
	x := min(sum*t.scale, powerPoints)
	i := int(x)
	return t.points[i] + (x-float32(i))*(t.points[i+1]-t.points[i])
}
