package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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

// never proves that every call of a form breaks the policy in each function and stage, or prints a
// call that does not.
func (e *explainer) never(form string, blocked bool) (exit int, err error) {
	asked := e.at // as far as it is known where the function runs
	e.at.region, e.at.account = cmp.Or(e.at.region, "us-east-1"), cmp.Or(e.at.account, "111122223333")
	if err := e.at.check(); err != nil {
		return 0, &inputError{err}
	}
	formText, err := formOf(form)
	if err != nil {
		return 0, err
	}
	files, parsed, err := e.at.parse()
	if err != nil {
		return 0, &inputError{err}
	}
	functions, whole := functionsOf(parsed, e.at.function, "")
	proved, open := 0, 0
	defaults := map[string]bool{}
	for _, function := range functions {
		for _, stage := range stagesOf(parsed, e.at.stage) {
			if stage == otherStage && !e.loads(files, function, stage) {
				continue // the files list the stages that there are
			}
			n := neverPlace{function: function, stage: stage, blocked: blocked, Exact: true, asked: asked, defaults: defaults}
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
	if !whole {
		open++
	}
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

func places(n int) string { return counted(n, "function and stage", "functions and stages") }

// parse reads the files of a place.
func (p *place) parse() (files []neverFile, parsed []*policy.File, err error) {
	if len(p.files) == 0 && len(p.centrals) == 0 {
		p.files = filepath.SplitList(cmp.Or(os.Getenv("OUTGUARD_POLICY"), "policy.yaml"))
	}
	for i, names := range [...][]string{p.files, p.centrals} {
		for _, name := range names {
			file, err := parsePolicy(name, i == 1)
			if err != nil {
				return nil, nil, err
			}
			files, parsed = append(files, neverFile{name, file}), append(parsed, file)
		}
	}
	return files, parsed, nil
}

// formOf returns the text of a policy that forbids the calls of a form alone. Values need no
// quotes: *.pastebin.com would be an alias of YAML.
func formOf(form string) (string, error) {
	form = strings.TrimSpace(form)
	if !strings.HasPrefix(form, "{") {
		var lines []string
		for line := range strings.Lines(form) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
			value = strings.TrimSpace(value)
			if !ok || value == "" || strings.ContainsAny(key, " /\"'") {
				return "", fmt.Errorf("-never %q is not the form of calls; write it as an entry of a blacklist: 'http: *.pastebin.com'", form)
			}
			if !strings.ContainsRune("[{\"'", rune(value[0])) {
				value = strconv.Quote(value)
			}
			lines = append(lines, key+": "+value)
		}
		form = strings.Join(lines, "\n    ")
	}
	return "version: 1\non_violation: block\nblacklist:\n  - " + form + "\n", nil
}

// A neverPlace is what is found for one function and stage.
type neverPlace struct {
	function, stage string
	blocked         bool
	asked           place           // where the function runs, as far as that is known
	defaults        map[string]bool // gets the variables that are not set and have a default

	Exact bool
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
	forms, err := policy.Parse("-never", []byte(form), at.env("."))
	if err != nil {
		return fmt.Errorf("-never: %w", err)
	}
	var all []*policy.Policy
	for _, f := range files {
		p, unset, err := compile(f.file, at.env(f.name))
		n.unset = n.unset || unset || n.needsPlace(f)
		if err != nil {
			fmt.Fprintf(e.err, "outguard explain: %s does not load for %s: %v\n", f.name, placeName(n.function, n.stage), err)
			n.broken, n.Exact = true, false
			return nil
		}
		all = append(all, p)
	}
	differ := policy.Differ{Operations: names.Of}
	n.found, n.Exact = differ.Never(forms, policy.Join(all...), n.blocked)
	return nil
}

// needsPlace reports whether a file cannot be compiled without a region or an account that is not
// known. It also notes the variables that have their defaults.
func (n *neverPlace) needsPlace(f neverFile) bool {
	asked := n.asked
	asked.function, asked.stage = n.function, n.stage
	env := asked.env(f.name)
	env.Process = getenv
	env.Getenv = func(name string) string {
		value := getenv(name)
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
		if n.found.Where != "" {
			fmt.Fprintf(e.out, " (%s)", n.found.Where)
		}
		fmt.Fprintf(e.out, "\n       %s\n", sideText(&n.found.Side))
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
