package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// data reads the inputs that are checked in.
func data(t *testing.T) *inputs {
	t.Helper()
	in, err := readInputs("data")
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestEntriesThatAreRefused(t *testing.T) {
	in := data(t)
	for text, want := range map[string]string{
		"TableName=table~pahts":             `unknown parser "pahts"`,
		"TableName=table~":                  "nothing behind a ~",
		"TableName=table!-":                 "",
		"TableName=table!":                  "nothing behind a ~",
		"TableName=table@":                  "nothing behind a ~",
		"TableName=tabel":                   `IAM has no resource type "tabel"`,
		"TableName~path":                    "parser path needs a type",
		"TableName~rule":                    "1 paths for parser rule",
		"A+B+C~rule":                        "3 paths for parser rule",
		"A+B+C+D+E=x/$/$/$/$/$":             "5 paths; at most 4",
		"A+B=table/$":                       "2 paths for 1 names",
		"A=table":                           "",
		"A+B=table":                         "2 paths for the 1 names",
		"A+B":                               "2 paths for one ARN",
		"=table/$":                          "a name in the type, and no path for it",
		"=table/*":                          "",
		"=table/*~path":                     "a parser without a path",
		"":                                  "neither a path nor a type",
		"!GetItem":                          "neither a path nor a type",
		"=-@ListTables":                     "",
		"Table[Name=table":                  "is not a path",
		"Items[].Put.TableName=table":       "",
		"RequestItems{}=table~requests":     "",
		"TableName?default=table":           "",
		".TableName=table":                  "is not a path",
		"TableName=table!GetItme":           `IAM has no action "GetItme"`,
		"TableName=table!-GetItem":          "",
		"TableName=table!s3:PutObject":      "",
		"TableName=table!s3:PutObjcet":      `IAM has no action "s3:PutObjcet"`,
		"TableName=table@GetItem|PutItme":   `dynamodb has no operation "PutItme"`,
		"TableName=table@*Item|BatchGet*":   "",
		"PolicyName+Path?/=policy/$~pathed": "",
	} {
		err := in.check("dynamodb", cutEntry(text))
		if err == nil {
			_, err = in.expand("dynamodb", text)
		}
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// A typo in the file, not just in an entry, stops the generator.
func TestATypoStopsTheGenerator(t *testing.T) {
	for _, tt := range []struct{ file, from, to, want string }{
		{"resources.txt", "QueueUrl~queue ", "QueueUrl~qeueu ", `resources.txt: [sqs] QueueUrl~qeueu: unknown parser "qeueu"`},
		{"parsers.txt", "queue        1-2", "queue        2-1", `parsers.txt:`},
		{"parsers.txt", "queue        1-2", "quee         1-2", `unknown parser "queue"`},
		{"parsers.txt", "queue        1-2", "bucket       1-2", `bucket is there twice`},
	} {
		dir := t.TempDir()
		files, err := os.ReadDir("data")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join("data", f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if f.Name() == tt.file {
				if !strings.Contains(string(text), tt.from) {
					t.Fatalf("%s does not have %q", tt.file, tt.from)
				}
				text = []byte(strings.Replace(string(text), tt.from, tt.to, 1))
			}
			if err := os.WriteFile(filepath.Join(dir, f.Name()), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		in, err := readInputs(dir)
		if err == nil {
			_, err = tables(in)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %q: %v, want %s", tt.file, tt.to, err, tt.want)
		}
	}
}
