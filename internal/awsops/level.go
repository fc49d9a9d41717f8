package awsops

import "math/bits"

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

// An Entry is what the tables say of an operation or an action. The zero Entry is one that they do not know.
type Entry struct {
	Level Level
	Takes bool // IAM knows resources for it
}

// Find looks up an operation, or an IAM action, of the service with an IAM prefix. Case does not count. The table keeps seven bits of
// each name's hash: of the names that it does not have, one in 200 is taken for one that it has, none of them an operation of the SDK's today.
func Find(prefix, operation string) (e Entry, ok bool) {
	h := hash(prefix, operation)
	cell := cellAt(place(h)) ^ cellAt(levelThird+place(bits.RotateLeft64(h, 21))) ^ cellAt(2*levelThird+place(bits.RotateLeft64(h, 42)))
	level := Level(cell & 7)
	if cell>>4 != uint(h>>57) || level == None || level > Permissions {
		return Entry{}, false
	}
	return Entry{level, cell&8 != 0}, true
}

// LevelOf returns the access level of an operation or an action. That of a name that the tables do not know is guessed from its verb.
func LevelOf(prefix, operation string) (l Level, guessed bool) {
	if e, ok := Find(prefix, operation); ok {
		return e.Level, false
	}
	return Guess(operation), true
}

// place is the cell of a hash in a third of the table.
func place(h uint64) int { return int(uint64(uint32(h)) * levelThird >> 32) }

// cellAt returns the i-th cell of eleven bits.
func cellAt(i int) uint {
	bit := i * 11
	b := levelCells[bit/8 : bit/8+3]
	return (uint(b[0]) | uint(b[1])<<8 | uint(b[2])<<16) >> (bit % 8) & 0x7FF
}

// hash is that of the generator: FNV-1a of "prefix:operation" in lower case, mixed.
func hash(prefix, operation string) uint64 {
	seed := uint64(levelSeed)
	h := 14695981039346656037 ^ seed*0x9E3779B97F4A7C15
	for i := range len(prefix) {
		h = (h ^ uint64(prefix[i])) * 1099511628211
	}
	h = (h ^ ':') * 1099511628211
	for i := range len(operation) {
		c := operation[i]
		if isUpper(c) {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
