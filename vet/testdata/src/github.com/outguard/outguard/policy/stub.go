package policy

type Via uint8

const ViaDial Via = 1

type Call struct {
	Net string
	Via Via
}
