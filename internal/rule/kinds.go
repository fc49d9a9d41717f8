package rule

import "github.com/outguard/outguard/internal/pattern"

// Kind is the key that a rule's subject is written under. The zero kind is invalid.
type Kind uint8

// The kinds of rules. Their names are those of the keys.
const (
	HTTP Kind = 1 + iota
	AWS
	IP
	Net
)

// KindRow is what there is to know of a kind, apart from the engine that judges it.
type KindRow struct {
	Kind  Kind
	key   string
	Opens bool // it takes "any" for the whole kind
	Parse func(text string, m pattern.Mode) (pattern.Pattern, error)
}

// kinds is the one table of kinds. A new kind is a row here, a parser in package pattern, and a
// case in the engine that judges it: engines refuse to compile a kind that they do not know.
// See decision 11.
var kinds = [...]KindRow{
	{HTTP, "http", true, func(text string, m pattern.Mode) (pattern.Pattern, error) {
		p, err := pattern.ParseHTTP(text, m)
		return &p, err
	}},
	{AWS, "aws", true, func(text string, m pattern.Mode) (pattern.Pattern, error) {
		p, err := pattern.ParseAWS(text, m)
		return &p, err
	}},
	{IP, "ip", false, func(text string, _ pattern.Mode) (pattern.Pattern, error) {
		p, err := pattern.ParseIP(text)
		return &p, err
	}},
	{Net, "net", true, func(text string, m pattern.Mode) (pattern.Pattern, error) {
		p, err := pattern.ParseNet(text, m)
		return &p, err
	}},
}

// row returns the row of a kind; nil for the invalid kind.
func (k Kind) row() *KindRow {
	for i := range kinds {
		if kinds[i].Kind == k {
			return &kinds[i]
		}
	}
	return nil
}

// KindKeys returns the keys of all kinds, in the order of the table.
func KindKeys() (keys []string) {
	for i := range kinds {
		keys = append(keys, kinds[i].key)
	}
	return keys
}

// KindOf returns the kind that is written under a key; nil for a key that is not a subject.
func KindOf(key string) *KindRow {
	for i := range kinds {
		if kinds[i].key == key {
			return &kinds[i]
		}
	}
	return nil
}
