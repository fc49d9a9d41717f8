package addentries

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const added = "# 2 calls\n- http: https://b.example/x\n  methods: [GET]\n- aws: sts:GetCallerIdentity\n"

func TestWhitelist(t *testing.T) {
	tests := []struct{ name, section, before, after string }{
		{"end of a list", "checkout", `# top
version: 1

functions:
  report:
    whitelist:
      - http: https://r.example   # of report
  checkout:
    # what it calls
    whitelist:
      - http: https://a.example   # first
        methods: [GET]            # only

    blacklist:   # below
      - http: evil.example
`, `# top
version: 1

functions:
  report:
    whitelist:
      - http: https://r.example   # of report
  checkout:
    # what it calls
    whitelist:
      - http: https://a.example   # first
        methods: [GET]            # only
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity

    blacklist:   # below
      - http: evil.example
`},
		{"comments at the end of a list", "checkout", `functions:
  checkout:
    whitelist:
      - http: https://a.example
      # - http: https://old.example

      # of the blacklist
    blacklist: []
`, `functions:
  checkout:
    whitelist:
      - http: https://a.example
      # - http: https://old.example
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity

      # of the blacklist
    blacklist: []
`},
		{"block text at the end", "checkout", `functions:
  checkout:
    whitelist:
      - http: https://a.example
        reason: |
          text

          # of the reason
`, `functions:
  checkout:
    whitelist:
      - http: https://a.example
        reason: |
          text

          # of the reason
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity
`},
		{"dashes below the key", "checkout", `functions:
  checkout:
    whitelist:
    - http: https://a.example
    # of the blacklist
    blacklist: []
`, `functions:
  checkout:
    whitelist:
    - http: https://a.example
    # 2 calls
    - http: https://b.example/x
      methods: [GET]
    - aws: sts:GetCallerIdentity
    # of the blacklist
    blacklist: []
`},
		{"empty list", "checkout", `functions:
  checkout:
    whitelist: []   # nothing yet
    blacklist: []
`, `functions:
  checkout:
    whitelist:   # nothing yet
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity
    blacklist: []
`},
		{"list in brackets", "checkout", `functions:
  checkout:
    whitelist: [{http: "https://a.example/[x],y", methods: [GET]}, {aws: sqs:SendMessage}]
`, `functions:
  checkout:
    whitelist:
      - {http: "https://a.example/[x],y", methods: [GET]}
      - {aws: sqs:SendMessage}
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity
`},
		{"section in braces", "checkout", `functions:
  checkout: {on_violation: {dev: block, prod: alert}}   # soon
  report: {}
`, `functions:
  checkout:   # soon
    on_violation: {dev: block, prod: alert}
    whitelist:
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity
  report: {}
`},
		{"empty section", "report", `functions:
  checkout:
    whitelist: []
  report: {}
`, `functions:
  checkout:
    whitelist: []
  report:
    whitelist:
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity
`},
		{"section without a whitelist", "checkout", `functions:
  checkout:
    blacklist:
      - http: evil.example

  report: {}
`, `functions:
  checkout:
    blacklist:
      - http: evil.example
    whitelist:
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity

  report: {}
`},
		{"new section", "shop-*", `functions:
    checkout:
        whitelist: []

# the end
notify:
  - log
`, `functions:
    checkout:
        whitelist: []
    shop-*:
      whitelist:
        # 2 calls
        - http: https://b.example/x
          methods: [GET]
        - aws: sts:GetCallerIdentity

# the end
notify:
  - log
`},
		{"new functions", "checkout", "version: 1", `version: 1
functions:
  checkout:
    whitelist:
      # 2 calls
      - http: https://b.example/x
        methods: [GET]
      - aws: sts:GetCallerIdentity
`},
		{"top of the file", "", `version: 1
whitelist:
  - http: https://a.example
blacklist: []
`, `version: 1
whitelist:
  - http: https://a.example
  # 2 calls
  - http: https://b.example/x
    methods: [GET]
  - aws: sts:GetCallerIdentity
blacklist: []
`},
		{"top of the file, empty", "", "version: 1\nwhitelist: []", `version: 1
whitelist:
  # 2 calls
  - http: https://b.example/x
    methods: [GET]
  - aws: sts:GetCallerIdentity
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Whitelist([]byte(tt.before), tt.section, added)
			require.NoError(t, err)
			assert.Equal(t, tt.after, string(got))
			windows, err := Whitelist([]byte(strings.ReplaceAll(tt.before, "\n", "\r\n")), tt.section, added)
			require.NoError(t, err)
			if strings.Contains(tt.before, "\n") && strings.HasSuffix(tt.before, "\n") {
				assert.Equal(t, strings.ReplaceAll(tt.after, "\n", "\r\n"), string(windows))
			}
		})
	}
}

func TestFormsThatAreNotEdited(t *testing.T) {
	tests := []struct{ name, text string }{
		{"no mapping", "- a\n"},
		{"empty", ""},
		{"all in braces", "{version: 1, functions: {checkout: {}}}\n"},
		{"functions in braces", "functions: {checkout: {}}\n"},
		{"functions without anything", "functions:\n"},
		{"list over several lines", "functions:\n  checkout:\n    whitelist: [\n      {http: a.example}]\n"},
		{"whitelist that is no list", "functions:\n  checkout:\n    whitelist: x\n"},
		{"end of the document", "version: 1\n...\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Whitelist([]byte(tt.text), "checkout", added)
			assert.ErrorContains(t, err, "by hand")
		})
	}
	_, err := Whitelist([]byte("a: [\n"), "checkout", added)
	assert.Error(t, err)
}

// onlyAdded reports whether after has all lines of before in their order.
func onlyAdded(before, after string) bool {
	want := strings.Split(strings.TrimSuffix(before, "\n"), "\n")
	for line := range strings.Lines(after) {
		if len(want) > 0 && strings.TrimRight(line, "\r\n") == strings.TrimRight(want[0], "\r") {
			want = want[1:]
		}
	}
	return len(want) == 0
}

// FuzzWhitelist checks that an edited text has every line that it had, unless a list or a section
// had to be opened. That it means what was meant, Whitelist checks itself.
func FuzzWhitelist(f *testing.F) {
	for _, s := range []string{
		"version: 1\nfunctions:\n  checkout:\n    whitelist:\n      - http: a.example\n      # x\n\n    blacklist: []\n",
		"functions:\n  checkout: {}\n", "functions:\n  checkout:\n    whitelist: []\r\n", "whitelist: []\n", "version: 1",
		"functions:\n  checkout:\n  - a\n", "functions:\n  checkout:\n    whitelist:\n    - reason: |\n        # x\n\n        y\n  b: {}\n",
		"functions:\n  checkout:\n    whitelist: [{http: 'a,b'}, \"c]\"]\n", "functions: &a\n  checkout: *a\n",
	} {
		f.Add(s, "checkout")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, text, section string) {
		got, err := Whitelist([]byte(text), section, added)
		if err != nil {
			return
		}
		var m map[string]any
		require.NoError(t, yaml.Unmarshal(got, &m))
		if !strings.ContainsAny(text, "[{") {
			require.True(t, onlyAdded(text, string(got)), "%q\n%q", text, got)
		}
	})
}
