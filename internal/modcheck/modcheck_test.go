package modcheck

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// build makes build info of "path version" pairs; a third word is the version of a replacement.
func build(modules ...string) *debug.BuildInfo {
	info := &debug.BuildInfo{}
	for _, text := range modules {
		words := strings.Fields(text)
		m := &debug.Module{Path: words[0], Version: words[1]}
		if len(words) > 2 {
			m.Replace = &debug.Module{Path: words[0], Version: words[2]}
		}
		info.Deps = append(info.Deps, m)
	}
	return info
}

const old, sns, sqs = "github.com/aws/aws-sdk-go-v2 ", services + "sns ", services + "sqs "

func TestWarning(t *testing.T) {
	for _, c := range []struct {
		name string
		info *debug.BuildInfo
		want string // the clients; "": no warning
	}{
		{"no info", nil, ""},
		{"no AWS", build("example.com/x v1.0.0"), ""},
		{"new clients", build(old+"v1.24.0", sns+"v1.26.5", sqs+"v1.29.5"), ""},
		{"the first that works", build(old+"v1.24.0", sns+"v1.25.2", sqs+"v1.28.1"), ""},
		{"the last that fails", build(old+"v1.24.0", sns+"v1.25.1", sqs+"v1.28.0"), "sns v1.25.1, sqs v1.28.0"},
		{"old clients", build(sqs+"v1.19.1", sns+"v1.17.4", old+"v1.47.7"), "sqs v1.19.1, sns v1.17.4"},
		{"one of two", build(old+"v1.47.7", sns+"v1.17.4", sqs+"v1.52.10"), "sns v1.17.4"},
		{"an old core", build(old+"v1.22.2", sns+"v1.17.4"), ""},
		{"the core that breaks", build(old+"v1.23.0", sns+"v1.17.4"), "sns v1.17.4"},
		{"no core", build(sns + "v1.17.4"), ""},
		{"a service that came later", build(old+"v1.47.7", services+"qbusiness v1.0.0"), ""},
		{"part of a name", build(old+"v1.47.7", services+"ns v0.1.0", services+"sn v0.1.0"), ""},
		{"not a service", build(old+"v1.47.7", services+"internal/presigned-url v1.9.0", services+"sns/types v1.0.0"), ""},
		{"replaced by a new one", build(old+"v1.47.7", sns+"v1.17.4 v1.47.9"), ""},
		{"replaced by an old one", build(old+"v1.47.7", sns+"v1.47.9 v1.17.4"), "sns v1.17.4"},
		{"replaced by a folder", build(old+"v1.47.7", sns+"v1.17.4 (devel)"), ""},
		{"not a release", build(old+"v1.47.7", sns+"v1.17.5-0.20230101000000-abcdefabcdef"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Warning(c.info)
			if c.want == "" {
				assert.Empty(t, got)
				return
			}
			assert.Contains(t, got, ": "+c.want+"; update them: go get "+services)
			assert.NotContains(t, got, "\n")
		})
	}
	assert.Equal(t, "these AWS clients fail on every call, because they are older than aws-sdk-go-v2 v1.24.0: sns v1.25.1; "+
		"update them: go get github.com/aws/aws-sdk-go-v2/service/sns@latest", Warning(build(old+"v1.24.0", sns+"v1.25.1")))
}

func TestTheTableIsSound(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	assert.Greater(t, len(lines), 300)
	for _, line := range lines {
		name, version, _ := strings.Cut(line, " ")
		_, ok := parse(version)
		assert.True(t, ok && name != "" && broken(name, "v"+version), line)
	}
}
