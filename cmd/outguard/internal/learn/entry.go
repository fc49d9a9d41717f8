package learn

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An entry is one entry of a whitelist, as policies propose it.
// Access has no key in a proposal: ByAccess sets it.
type entry struct {
	HTTP      texts `yaml:"http"`
	AWS       texts `yaml:"aws"`
	Net       texts `yaml:"net"`
	Methods   texts `yaml:"methods"`
	Access    texts `yaml:"-"` // of ByAccess
	Resources texts `yaml:"resources"`
	Regions   texts `yaml:"regions"`
	Accounts  texts `yaml:"accounts"`
	Unlisted  bool  `yaml:"unlisted"`
}

// texts is one text or a list of texts.
type texts []string

// UnmarshalYAML reads both forms.
func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	// "http: https://api.example" is short for a list of one.
	if n.Kind == yaml.ScalarNode {
		*t = texts{n.Value}
		return nil
	}
	return n.Decode((*[]string)(t))
}

// parseEntries reads entries. A key that entry does not have is an error: without it, the entry
// could allow more.
func parseEntries(text string) (all []entry, err error) {
	// The entry is text that package policy wrote for the refusal, in YAML as an author would.
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	d.KnownFields(true)
	err = d.Decode(&all)
	for i := range all {
		for _, list := range []texts{all[i].HTTP, all[i].AWS, all[i].Net, all[i].Methods, all[i].Resources} {
			for j, v := range list {
				// "$${" in YAML is "${" in the request: rules must not expand what a caller sent.
				list[j] = strings.ReplaceAll(v, "$${", "${") // as report.YAML writes it
			}
		}
	}
	return all, err
}
