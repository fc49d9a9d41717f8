package policy

// CheckOperations asks known about every operation that the file's aws: rules name, by its service's IAM prefix and as written: known returns the fix for
// one that no service has, "" for one that some has. What is unknown is a warning, not an error, for AWS adds operations
// every day. The names of all operations are large, so that this package does not have them.
func (f *File) CheckOperations(known func(prefix, operation string) (fix string)) []Warning {
	c := &compiler{reporter: &reporter{file: f.tree.name}, file: f, checking: true}
	for _, s := range f.tree.sections() {
		for d := range s.drafts {
			if d.key != "aws" {
				continue
			}
			for _, t := range append(d.subject[:len(d.subject):len(d.subject)], d.except...) {
				p, err := parseAWSPattern(t.value, wide)
				if err != nil || p.service == "*" {
					continue // said elsewhere, any, or a variable
				}
				if fix := known(p.service, p.operation); fix != "" {
					c.warn(t.place, quoted(t.value)+" is no operation or action that is known", fix)
				}
			}
		}
	}
	return warningsOf(c.reporter)
}
