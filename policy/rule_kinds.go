package policy

// kind is the key that a rule's subject is written under. The zero kind is invalid.
type kind uint8

const (
	kindHTTP kind = 1 + iota
	kindAWS
	kindIP
	kindNet
)

// kindRow is what there is to know of a kind, apart from the engine that judges it.
type kindRow struct {
	kind  kind
	key   string
	opens bool // it takes "any" for the whole kind
	parse func(text string, m mode) (pattern, error)
}

// kinds is the one table of kinds. A new kind is a row here, a parser in package pattern, and a case in the engine
// that judges it: engines refuse to compile a kind that they do not know.
var kinds = [...]kindRow{
	{kindHTTP, "http", true, func(text string, m mode) (pattern, error) {
		p, err := parseHTTPPattern(text, m)
		return &p, err
	}},
	{kindAWS, "aws", true, func(text string, m mode) (pattern, error) {
		p, err := parseAWSPattern(text, m)
		return &p, err
	}},
	{kindIP, "ip", false, func(text string, _ mode) (pattern, error) {
		p, err := parseIPPattern(text)
		return &p, err
	}},
	{kindNet, "net", true, func(text string, m mode) (pattern, error) {
		p, err := parseNetPattern(text, m)
		return &p, err
	}},
}

// kindKeys returns the keys of all kinds, in the order of the table.
func kindKeys() (keys []string) {
	for i := range kinds {
		keys = append(keys, kinds[i].key)
	}
	return keys
}

// kindOf returns the kind that is written under a key; nil for a key that is not a subject.
func kindOf(key string) *kindRow {
	for i := range kinds {
		if kinds[i].key == key {
			return &kinds[i]
		}
	}
	return nil
}
