package vet

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheTableIsSound(t *testing.T) {
	names := map[string]bool{}
	for _, r := range rows {
		assert.False(t, names[r.name], "%s is there twice", r.name)
		names[r.name] = true
		assert.Contains(t, kinds, r.kind, r.name)
		assert.NotEmpty(t, r.fix, r.name)
		assert.NotEmpty(t, r.entries, r.name)
		for p := range strings.FieldsSeq(r.pkgs) {
			assert.Equal(t, p, plain(p), "%s: paths have no major version", r.name)
		}
		for p := range strings.FieldsSeq(r.entries + " " + r.settings) {
			_, err := path.Match(p, "")
			assert.NoError(t, err, r.name)
		}
	}
}

// Each recipe in Go of the documentation is in the table under its heading, and vice versa.
func TestTheTableHasTheRecipes(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "recipes.md"))
	require.NoError(t, err)
	var headings []string
	for _, section := range regexp.MustCompile(`(?m)^##+ `).Split(string(doc), -1) {
		if heading, text, _ := strings.Cut(section, "\n"); strings.Contains(text, "```go\n") {
			headings = append(headings, heading)
		}
	}
	known := slices.Clone(passing)
	for _, r := range rows {
		if r.recipe != "" {
			known = append(known, r.recipe)
		}
	}
	assert.ElementsMatch(t, headings, known)
}

func TestLookUp(t *testing.T) {
	for _, c := range []struct{ pkg, entry, want string }{
		{"github.com/jackc/pgx/v5", "Connect", "pgx"},
		{"github.com/jackc/pgx/v5", "ConnectConfig", "pgx"},
		{"github.com/jackc/pgx/v4/pgxpool", "Connect", "pgx"},
		{"github.com/jackc/pgx/v5/pgtype", "New", ""},
		{"example.com/app/vendor/github.com/redis/go-redis/v9", "NewClient", "go-redis"},
		{"github.com/go-redis/redis", "NewClient", "go-redis"},
		{"go.mongodb.org/mongo-driver/v2/mongo", "Connect", "mongo"},
		{"gopkg.in/gomail.v2", "NewDialer", "gomail"},
		{"google.golang.org/api/sheets/v4", "NewService", "Google APIs"},
		{"cloud.google.com/go/pubsub/v2/apiv1", "NewTopicAdminClient", "Google APIs"},
		{"cloud.google.com/go/storage", "NewClient", "Google APIs"},
		{"cloud.google.com/gopher", "NewClient", ""},
		{"net", "Dialer.DialContext", "net"},
		{"net", "Listen", ""},
		{"github.com/google/go-containerregistry/pkg/v1/remote", "Image", "go-containerregistry"},
		{"github.com/segmentio/kafka-go", "Writer{}", "kafka-go, a writer"},
		{"github.com/segmentio/kafka-go", "Dialer{}", "kafka-go, a reader"},
		{"github.com/rabbitmq/amqp091-go", "DialTLS_ExternalAuth", "amqp"},
	} {
		r := lookUp(plain(c.pkg), c.entry)
		if c.want == "" {
			assert.Nil(t, r, "%s.%s", c.pkg, c.entry)
		} else if assert.NotNil(t, r, "%s.%s", c.pkg, c.entry) {
			assert.Equal(t, c.want, r.name, "%s.%s", c.pkg, c.entry)
		}
	}
	assert.Equal(t, "kafka-go-a-reader", anchor("kafka-go, a reader"))
	assert.Equal(t, "gopodmanioimage", anchor("go.podman.io/image"))
}
