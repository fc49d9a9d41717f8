package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/policy"
)

// A neverFile is a policy file that is asked about.
type neverFile struct {
	name string
	file *policy.File
}

// narrow takes away what only this environment says of the function and its stage: a proof is for
// each of them, wherever it is made.
func (p *place) narrow(given map[string]bool) {
	if !given["function"] {
		p.function = ""
	}
	if !given["stage"] {
		p.stage = ""
	}
}

// never proves that every call of a form breaks the policy in each function and stage, or prints a
// call that does not.
func (e *explainer) never(form string, blocked bool) (exit int, err error) {
	asked := e.at // as far as it is known where the function runs
	e.at.region, e.at.account = cmp.Or(e.at.region, "us-east-1"), cmp.Or(e.at.account, "111122223333")
	// The proof is for one region and account, and must not be about ones that do not exist.
	if err := e.at.check(); err != nil {
		return 0, &inputError{err}
	}
	// The form is read before the files: a mistake in it is the likelier one.
	formText, err := formOf(form)
	if err != nil {
		return 0, err
	}
	files, parsed, err := e.at.parse()
	if err != nil {
		return 0, &inputError{err}
	}
	// Without a section in any file, one unnamed function stands for all.
	functions, whole := functionsOf(parsed, e.at.function, "")
	// Both count places: a proof is for one function and stage at a time.
	proved, open := 0, 0
	defaults := map[string]bool{}
	for _, function := range functions {
		for _, stage := range stagesOf(parsed, e.at.stage) {
			if stage == otherStage && !e.loads(files, function, stage) {
				continue // the files list the stages that there are
			}
			// Exact stays true until something is found that could not be judged.
			n := neverPlace{function: function, stage: stage, blocked: blocked, Exact: true, asked: asked, defaults: defaults}
			// An error here is about the form. A file that does not load leaves the place open
			// instead.
			if err := n.look(e, files, formText); err != nil {
				return 0, err
			}
			n.print(e)
			if n.Proved() {
				proved++
			} else {
				open++
			}
		}
	}
	// What was not looked at is as open as what could not be proved.
	if !whole {
		open++
	}
	// In JSON, each place has its line. A program counts them itself.
	if !e.json {
		e.neverSummary(form, blocked, whole, proved, open, slices.Sorted(maps.Keys(defaults)))
	}
	if open > 0 {
		return exitFound, nil
	}
	return exitOK, nil
}

// loads reports whether all files can be compiled for a place.
func (e *explainer) loads(files []neverFile, function, stage string) bool {
	at := e.at
	at.function, at.stage = function, stage
	return !slices.ContainsFunc(files, func(f neverFile) bool {
		// A variable that is not set makes no difference: compile puts a text in its place.
		_, _, err := compile(f.file, at.env(f.name))
		return err != nil
	})
}

// neverSummary prints the last line of -never: for how many functions and stages the form is
// proved.
func (e *explainer) neverSummary(form string, blocked, whole bool, proved, open int, defaults []string) {
	what := "breaks the policy"
	if blocked {
		what = "is blocked"
	}
	switch {
	// The proof holds for what was assumed, so that the region, the account and the variables are
	// named.
	case open == 0:
		where := fmt.Sprintf("%s, in %s and account %s", places(proved), printable(e.at.region), printable(e.at.account))
		if len(defaults) > 0 {
			where += ", with the defaults of " + strings.Join(defaults, ", ")
		}
		fmt.Fprintf(e.out, "proved: every call of the form %s %s (%s)\n", printable(form), what, where)
	case !whole:
		fmt.Fprintln(e.out, "not proved: the sections overlap in too many ways")
	default:
		fmt.Fprintf(e.out, "not proved: in %d of %s\n", open, places(proved+open))
	}
}

// places writes how many functions and stages there are.
func places(n int) string { return counted(n, "function and stage", "functions and stages") }

// parse reads the files of a place.
func (p *place) parse() (files []neverFile, parsed []*policy.File, err error) {
	if len(p.files) == 0 && len(p.centrals) == 0 {
		// The same default as in Lambda and in load.
		p.files = filepath.SplitList(cmp.Or(os.Getenv("OUTGUARD_POLICY"), "policy.yaml"))
	}
	for i, names := range [...][]string{p.files, p.centrals} {
		for _, name := range names {
			file, err := parsePolicy(name, i == 1)
			if err != nil {
				return nil, nil, err
			}
			// The files keep their names, because feeds are looked for beside each.
			files, parsed = append(files, neverFile{name, file}), append(parsed, file)
		}
	}
	return files, parsed, nil
}

// formPlace is a place in the text that formOf returns, which nobody has written.
var formPlace = regexp.MustCompile(`(?m)^-never:[0-9]+:[0-9]+: `)

// formOf returns the text of a policy that forbids the calls of a form alone. Values need no
// quotes: *.pastebin.com would be an alias of YAML.
func formOf(form string) (string, error) {
	// A mapping in braces is YAML already, and stays as it is.
	form = strings.TrimSpace(form)
	if !strings.HasPrefix(form, "{") {
		var lines []string
		for line := range strings.Lines(form) {
			// A key is one word. Anything else before the colon would be a URL, or a text in
			// quotes.
			key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
			value = strings.TrimSpace(value)
			if !ok || value == "" || strings.ContainsAny(key, " /\"'") {
				return "", fmt.Errorf("-never %q is not the form of calls; write it as an entry of a blacklist: 'http: *.pastebin.com'", form)
			}
			// A list, a mapping or a text in quotes is YAML already.
			if !strings.ContainsRune("[{\"'", rune(value[0])) {
				value = strconv.Quote(value)
			}
			lines = append(lines, key+": "+value)
		}
		// Further keys of the rule are indented below the first.
		form = strings.Join(lines, "\n    ")
	}
	// The mode of the form has no effect: only what its blacklist matches counts.
	return "version: 1\non_violation: block\nblacklist:\n  - " + form + "\n", nil
}

// A neverPlace is what is found for one function and stage.
type neverPlace struct {
	function, stage string
	blocked         bool
	asked           place           // where the function runs, as far as that is known
	defaults        map[string]bool // gets the variables that are not set and have a default

	// Exact: one call of each kind of the form was judged, so that no exception means a proof.
	Exact bool
	// found is a call of the form that the policy lets go; nil: there is none, as far as was
	// looked.
	found *policy.Exception
	unset bool // a variable is not set
	// broken: a file does not load here. It would block every call, but it may load where the
	// function runs, such as beside its feeds.
	broken bool
}

// Proved reports whether the form is proved to have no exception in this place.
func (n *neverPlace) Proved() bool { return n.found == nil && n.Exact && !n.unset }

// look looks for an exception.
func (n *neverPlace) look(e *explainer, files []neverFile, form string) error {
	at := e.at
	at.function, at.stage = n.function, n.stage
	// The form is compiled for the place too: ${region} in it is that of the place.
	forms, err := policy.Parse("-never", []byte(form), at.env("."))
	if err != nil {
		return fmt.Errorf("-never: %s", formPlace.ReplaceAllString(err.Error(), ""))
	}
	// A form that no call has, or that was read as another one, would prove what nobody asked.
	for _, w := range forms.Warnings() {
		if id := ruleOf(&fault{Problem: w.Problem}); id == "no-match" || id == invalidRule {
			return fmt.Errorf("-never: %s", w)
		}
	}
	var all []*policy.Policy
	for _, f := range files {
		// unset: some variable of the file has a text that stands for any, which proves nothing.
		p, unset, err := compile(f.file, at.env(f.name))
		n.unset = n.unset || unset || n.needsPlace(f)
		if err != nil {
			fmt.Fprintf(e.err, "outguard explain: %s does not load for %s: %v\n", f.name, placeName(n.function, n.stage), err)
			// The other files do not matter any more: the place stays open.
			n.broken, n.Exact = true, false
			return nil
		}
		all = append(all, p)
	}
	// A form such as aws: s3:* is about operations that only the table has.
	differ := policy.Differ{Operations: names.Of}
	// The files count together, as for a call: one that forbids is enough.
	n.found, n.Exact = differ.Never(forms, policy.Join(all...), n.blocked)
	return nil
}

// needsPlace reports whether a file cannot be compiled without a region or an account that is not
// known. It also notes the variables that have their defaults.
func (n *neverPlace) needsPlace(f neverFile) bool {
	asked := n.asked
	asked.function, asked.stage = n.function, n.stage
	// asked has no region and account unless the flags gave them, so that For fails if it needs
	// one.
	env := asked.env(f.name)
	// Process is set, because Getenv would also note the variables of Lambda and of proxies.
	env.Process = getenv
	env.Getenv = func(name string) string {
		value := getenv(name)
		// For asks only for variables that the file uses.
		if value == "" {
			n.defaults[name] = true
		}
		return value
	}
	_, err := f.file.For(env)
	return err != nil
}

// print prints what was found for the place.
func (n *neverPlace) print(e *explainer) {
	if e.json {
		// Witness has the call that is not forbidden, as check takes it.
		line := struct {
			Function string `json:"function"`
			Stage    string `json:"stage"`
			Proved   bool   `json:"proved"`
			Exact    bool   `json:"exact"`
			Witness  string `json:"witness,omitempty"`
			Where    string `json:"where,omitempty"`
			Verdict  string `json:"verdict,omitempty"`
			Why      string `json:"why,omitempty"`
		}{Function: n.function, Stage: n.stage, Proved: n.Proved(), Exact: n.Exact && !n.unset}
		if n.found != nil {
			line.Witness, line.Where, line.Verdict, line.Why = n.found.Text, n.found.Where, n.found.Verdict.String(), sideText(&n.found.Side)
		}
		out := json.NewEncoder(e.out)
		out.SetEscapeHTML(false)
		_ = out.Encode(line)
		return
	}
	name := placeName(n.function, n.stage)
	switch {
	case n.found != nil:
		fmt.Fprintf(e.out, "%s  %s: %s", n.found.Verdict, name, printable(n.found.Text))
		// Where is what the text of the call leaves out, such as the address of its name.
		if n.found.Where != "" {
			fmt.Fprintf(e.out, " (%s)", n.found.Where)
		}
		fmt.Fprintf(e.out, "\n       %s\n", sideText(&n.found.Side))
	// This comes before unset, which is true then, too.
	case n.broken:
		fmt.Fprintf(e.out, "open   %s: the policy does not load here\n", name)
	case n.unset:
		fmt.Fprintf(e.out, "open   %s: a variable is not set, and may be any text; set it, or give -region and -account\n", name)
	case !n.Exact:
		fmt.Fprintf(e.out, "open   %s: no such call was found, but not every kind of call could be judged\n", name)
	default:
		fmt.Fprintf(e.out, "never  %s\n", name)
	}
}
