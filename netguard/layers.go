package netguard

import (
	"fmt"
	"strings"
)

// Off says which layers are switched off. The zero value: none.
type Off struct {
	Names   bool
	Context bool
}

// ParseOff reads the value of OUTGUARD_LAYERS, a list such as "-names,-context". An unknown word is
// an error; the result then has the layers that the other words switch off.
func ParseOff(text string) (Off, error) {
	var off Off
	var unknown []string
	for word := range strings.SplitSeq(text, ",") {
		switch word = strings.TrimSpace(word); word {
		case "":
		case "-names":
			off.Names = true
		case "-context":
			off.Context = true
		default:
			unknown = append(unknown, fmt.Sprintf("%q", word))
		}
	}
	if unknown != nil {
		return off, fmt.Errorf("OUTGUARD_LAYERS: %s is not -names or -context", strings.Join(unknown, ", "))
	}
	return off, nil
}

// String is the form that ParseOff reads; "" when no layer is off.
func (o Off) String() string {
	var words []string
	if o.Names {
		words = append(words, "-names")
	}
	if o.Context {
		words = append(words, "-context")
	}
	return strings.Join(words, ",")
}
