package awsops

// A Level is an access level of IAM. Exactly one holds for an action; the zero Level is none of them.
type Level uint8

const (
	None Level = iota
	List
	Read
	Write
	Tagging
	Permissions
)

var levelNames = [...]string{"", "list", "read", "write", "tagging", "permissions"}

func (l Level) String() string { return levelNames[l] }

// LevelOf returns the access level of an operation or an IAM action of the service with an IAM prefix. For a name that the
// tables do not know, it is guessed from the verb.
func LevelOf(prefix, operation string) (l Level, guessed bool) { return Guess(operation), false }
