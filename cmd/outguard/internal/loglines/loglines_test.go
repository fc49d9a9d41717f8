package loglines

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// line is a line of Outguard with what escapes have to keep: quotes, backslashes, braces.
const line = `{"level":"WARN","timestamp":"2026-11-20T12:00:00Z","schema":"outguard.alert/v1","call":{"kind":"http","url":"https://a.example/x"},` +
	`"reason":"policy \"p\" {has} outguard.alert/v1 \\ größe","against":[{"list":"whitelist"}],"count":1}`

func escaped(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func cell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func indented(s string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(s), "", "    "); err != nil {
		panic(err)
	}
	return b.String()
}

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// utf16Text is a text as PowerShell's > writes it.
func utf16Text(s string, bigEndian bool) string {
	var order binary.ByteOrder = binary.LittleEndian
	if bigEndian {
		order = binary.BigEndian
	}
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + s)) {
		two := make([]byte, 2)
		order.PutUint16(two, unit)
		b = append(b, two...)
	}
	return string(b)
}

// sorted is the line with its keys in another order, as tools that parse it write it.
func sorted(s string) string {
	var v map[string]any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		panic(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func read(t *testing.T, r io.Reader) (texts []string, c Counts) {
	t.Helper()
	c, err := Read(r, func(schema string, text []byte) error {
		assert.True(t, strings.HasPrefix(schema, "outguard."), schema)
		texts = append(texts, string(text))
		return nil
	})
	require.NoError(t, err)
	return texts, c
}

func TestFormats(t *testing.T) {
	tests := []struct{ name, text string }{
		{"raw", line + "\n"},
		{"without line feed", line},
		{"with CRLF", line + "\r\n"},
		{"indented", "  " + line + "\n"},
		{"sorted keys", sorted(line) + "\n"},
		{"byte order mark", "\ufeff" + line + "\n"},
		{"between others", "START RequestId: 8f5\n{\"level\":\"info\"}\n" + line + "\npanic: map[string]struct{\nEND\n"},
		{"tail", "2026-11-20T12:00:00.123000+00:00 2026/11/20/[$LATEST]0a1b2c3d " + line + "\n"},
		{"tail, short", "2026-11-20T12:00:00 " + line + "\n"},
		{"tail as JSON", "2026-11-20T12:00:00.123000+00:00 2026/11/20/[$LATEST]0a1b2c3d " + indented(line) + "\n\n"},
		{"with group", "/aws/lambda/checkout 2026/11/20/[$LATEST]0a1b2c3d " + line + "\n"},
		{"filter-log-events", indented(`{"events":[{"logStreamName":"s","timestamp":1,"message":` + escaped(line+"\n") + `,"ingestionTime":2}],"searchedLogStreams":[]}`)},
		{"filter-log-events in one line", `{"events":[{"timestamp":1,"message":` + escaped(line+"\n") + `,"eventId":"1"}]}`},
		{"filter-log-events as text", "EVENTS\t3811\t1764000000000\t" + line + "\n\t2026/11/20/[$LATEST]0a1b2c3d\t17640\n"},
		{"message with spaces", `{"message" : ` + escaped(line) + `}`},
		{"get-query-results", `{"results":[[{"field":"@timestamp","value":"2026-11-20 12:00:00.000"},{"field":"@message","value":` + escaped(line+"\n") + `}]]}`},
		{"export of Insights", indented(`[{"@timestamp":"2026-11-20 12:00:00.000","@message":` + line + `}]`)},
		{"export of Insights as text", `[{"@timestamp":"2026-11-20 12:00:00.000","@message":` + escaped(line) + `}]`},
		{"CSV", "@timestamp,@message\n2026-11-20 12:00:00.000," + cell(line) + "\n"},
		{"CSV, first cell", "@message,@timestamp\n" + cell(line) + ",2026-11-20 12:00:00.000\n"},
		{"CSV with line feed", "@timestamp,@message\n2026-11-20 12:00:00.000," + cell(line+"\n") + "\n"},
		{"export to S3", zipped("2026-11-20T12:00:00.000Z START\n2026-11-20T12:00:00.000Z " + line + "\n")},
		{"zipped in parts", zipped("2026-11-20T12:00:00.000Z START\n") + zipped("2026-11-20T12:00:00.000Z "+line+"\n")},
		{"UTF-16", utf16Text(line+"\r\n", false)},
		{"UTF-16, big endian", utf16Text("START 🦊\r\n"+line+"\r\n", true)},
		{"UTF-16 of a tail", utf16Text("2026-11-20T12:00:00 "+line+"\r\n", false)},
		{"UTF-16, zipped", zipped(utf16Text(line+"\n", false))},
		{"UTF-16, cut in a character", utf16Text(line+"\n", false) + "x"},
		{"Firehose", zipped(`{"messageType":"CONTROL_MESSAGE","logEvents":[]}{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":` + escaped(line) + `}]}`)},
		{"array", "[\n" + indented(line) + "\n]"},
		{"array in one line", "[" + line + "]"},
		{"far", strings.Repeat("x", 3<<20) + "\n" + line + "\n" + strings.Repeat("y ", 3<<20)},
		{"long line of events", `{"events":[` + strings.Repeat(`{"message":"REPORT {\"x\":1}\n"},`, 100_000) + `{"message":` + escaped(line) + `}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			texts, c := read(t, strings.NewReader(tt.text))
			assert.Equal(t, Counts{Lines: 1}, c)
			require.Len(t, texts, 1)
			assert.JSONEq(t, line, texts[0])
			again, _ := read(t, iotest.HalfReader(strings.NewReader(tt.text)))
			assert.Equal(t, texts, again)
		})
	}
}

func TestManyLines(t *testing.T) {
	tests := []struct{ name, text string }{
		{"raw", strings.Repeat(line+"\n", 3000)},
		{"without line feeds", strings.Repeat(line, 3000)},
		{"array", "[" + strings.Repeat(line+",", 2999) + line + "]"},
		{"events", `{"events":[` + strings.Repeat(`{"message":`+escaped(line)+`},`, 3000) + `]}`},
		{"CSV", strings.Repeat("1,"+cell(line)+"\n", 3000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			texts, c := read(t, strings.NewReader(tt.text))
			assert.Equal(t, Counts{Lines: 3000}, c)
			for _, text := range texts {
				require.Equal(t, line, text)
			}
		})
	}
}

// Text that a caller of the function chose does not become a line by being logged in a message.
func TestOnlyEventsCount(t *testing.T) {
	tests := []struct {
		name, text string
		want       Counts
	}{
		{"in a message", "2026/11/20 user sent " + line + "\n", Counts{Quoted: 1}},
		{"in a string", `{"level":"info","msg":` + escaped(line) + "}\n", Counts{Quoted: 1}},
		{"in a string of an event", `{"message":` + escaped(`{"msg":`+escaped(line)+"}") + "}\n", Counts{Quoted: 1}},
		{"in a message of an event", `{"message":` + escaped(`{"message":`+escaped(line)+"}") + "}\n", Counts{Quoted: 1}},
		{"in an object", `{"level":"info","body":` + line + "}\n", Counts{Quoted: 1}},
		{"in an array", `{"level":"info","items":[` + line + "]}\n", Counts{Quoted: 1}},
		{"in an array of strings", `{"items":["x",` + escaped(line) + "]}\n", Counts{Quoted: 1}},
		{"at the end of a string", `{"message":` + escaped("user sent "+line) + "}\n", Counts{Quoted: 1}},
		{"in a cell", "1," + cell("user sent "+line) + "\n", Counts{Quoted: 1}},
		{"cut", line[:len(line)-9] + "\n", Counts{Broken: 1}},
		{"cut string", escaped(line)[:200], Counts{Broken: 1}},
		{"no schema", `the prefix is "outguard." and no more`, Counts{}},
		{"another key", `{"name":"outguard.alert/v1"}`, Counts{}},
		{"no object", `"schema":"outguard.alert/v1"`, Counts{Broken: 1}},
		{"too long", `{"schema":"outguard.alert/v1","x":"` + strings.Repeat("x", 2*reach) + `"}`, Counts{Broken: 1}},
		{"empty", "", Counts{}},
		// These take minutes if each object without an end is looked through again.
		{"many without an end", strings.Repeat(`{"schema":"outguard.a`, 100_000), Counts{Broken: 100_000}},
		{"many strings without an end", strings.Repeat(`{\"schema\":\"outguard.a`, 100_000), Counts{Broken: 100_000}},
		{"many cells without an end", strings.Repeat(`{""schema"":""outguard.a`, 100_000), Counts{Broken: 100_000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			texts, c := read(t, strings.NewReader(tt.text))
			assert.Equal(t, tt.want, c)
			assert.Empty(t, texts)
		})
	}
}

func TestErrors(t *testing.T) {
	_, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF), func(string, []byte) error { return nil })
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = Read(strings.NewReader("\x1f\x8bno gzip"), func(string, []byte) error { return nil })
	assert.ErrorContains(t, err, "gzip")
	stop := fmt.Errorf("enough")
	_, err = Read(strings.NewReader(line+"\n"+line), func(string, []byte) error { return stop })
	assert.ErrorIs(t, err, stop)
}

// What a damaged gzip holds up to the damage is read.
func TestDamaged(t *testing.T) {
	whole := zipped(strings.Repeat(line+"\n", 100))
	wrongSum := []byte(whole)
	wrongSum[len(wrongSum)-8] ^= 1
	tests := []struct {
		name, text, want string
		lines            int
	}{
		{"without its end", whole[:len(whole)-8], "cut off", 100},
		{"cut", whole[:len(whole)-12], "cut off", 1},
		{"wrong sum", string(wrongSum), "damaged (gzip: invalid checksum)", 100},
		{"text behind", whole + "and so on, which is not gzip", "damaged (gzip: invalid header)", 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Read(strings.NewReader(tt.text), func(string, []byte) error { return nil })
			assert.ErrorAs(t, err, new(*DamagedError))
			assert.ErrorContains(t, err, tt.want)
			assert.GreaterOrEqual(t, c.Lines, tt.lines)
		})
	}
}

func TestUTF16Alone(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a\x00", "a"}, {"\x3e\xd8\x8a\xdd!\x00", "🦊!"}, {"\x3e\xd8!\x00", "\ufffd!"}, {"\x3e\xd8", "\ufffd"}, {"a\x00b", "a\ufffd"}, {"", ""},
	}
	for _, tt := range tests {
		for _, r := range []io.Reader{
			&utf16Reader{src: bufio.NewReader(strings.NewReader(tt.text))},
			iotest.OneByteReader(&utf16Reader{src: bufio.NewReader(iotest.OneByteReader(strings.NewReader(tt.text)))}),
		} {
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
		}
	}
}

// FuzzRead checks that whatever counts as a line is a JSON object with that schema, however the
// text arrives, and that a line after any text is still found.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		line, line[:60], utf16Text(line, true), escaped(line), cell(line), indented(line), zipped(line), "1 " + line, `{"message":` + escaped(line) + "}", `"schema":"outguard.`,
		`{{{{"schema":"outguard.x"}`, `[{"@message":` + line + "}]", "\\\"schema\\\":\\\"outguard.alert/v1\\\"", "{\"schema\":\"outguard.a\"}{\"schema\":\"outguard.b\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var all []string
		_, err := Read(bytes.NewReader(text), func(schema string, object []byte) error {
			if object[0] != '{' || object[len(object)-1] != '}' || !strings.HasPrefix(schema, "outguard.") {
				t.Fatalf("%q of %q", object, schema)
			}
			all = append(all, string(object))
			return nil
		})
		if err != nil {
			return // broken gzip
		}
		var again []string
		_, err = Read(iotest.OneByteReader(bytes.NewReader(text)), func(_ string, object []byte) error {
			again = append(again, string(object))
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, all, again)
		if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) || bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
			return // a line of UTF-8 does not continue it
		}
		last := ""
		_, err = Read(io.MultiReader(bytes.NewReader(text), strings.NewReader("\n"+line+"\n")), func(_ string, object []byte) error {
			last = string(object)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, line, last)
	})
}
