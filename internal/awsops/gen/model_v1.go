package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
)

// readV1 reads the models in the module of the SDK's version 1, which has those of every service of
// its time. Of two versions of a service, the later one comes last.
func readV1(dir string) (models []*model, err error) {
	// The path is models/apis/SERVICE/VERSION/api-2.json, so that sorting puts later versions last.
	files, err := filepath.Glob(filepath.Join(dir, "models", "apis", "*", "*", "api-2.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no models", dir)
	}
	slices.Sort(files)
	for _, file := range files {
		m, err := readV1Model(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		// A service may have several versions of its API, and the last one counts.
		models = append(models, m)
	}
	return models, nil
}

// A v1Shape is a shape of a model in the form of the SDK's version 1.
type v1Shape struct {
	// Member is that of a list, and Value that of a map. Other types have neither.
	Type    string
	Member  struct{ Shape string }
	Value   struct{ Shape string }
	Members map[string]struct{ Shape string }
}

// readV1Model reads the model of one service.
func readV1Model(file string) (*model, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var raw struct {
		// EndpointPrefix is the name to sign for where there is no SigningName.
		Metadata   struct{ ServiceID, SigningName, EndpointPrefix string }
		Operations map[string]struct{ Input struct{ Shape string } }
		Shapes     map[string]v1Shape
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	// The id is what operations.txt is searched by.
	m := &model{id: raw.Metadata.ServiceID, signed: raw.Metadata.SigningName, inputs: map[string]*shape{}}
	if m.signed == "" {
		m.signed = raw.Metadata.EndpointPrefix
	}
	// Operations name their inputs by the name of a shape.
	shapes := map[string]*shape{}
	// All shapes are made before one is filled, because they may refer to each other in circles.
	for name := range raw.Shapes {
		shapes[name] = &shape{}
	}
	for name, r := range raw.Shapes {
		shapes[name].fill(r, shapes)
	}
	// Operations without a name in operations.txt are added there by addOperations.
	for name, op := range raw.Operations {
		// An operation without input takes an empty structure.
		if m.inputs[name] = shapes[op.Input.Shape]; m.inputs[name] == nil {
			m.inputs[name] = &shape{kind: structure}
		}
	}
	m.hosts, err = readV1Hosts(filepath.Join(filepath.Dir(file), "endpoint-tests-1.json"))
	return m, err
}

// fill completes a shape after all are known by name, since shapes may refer to each other.
func (s *shape) fill(r v1Shape, shapes map[string]*shape) {
	switch r.Type {
	// Blobs, times and flags stay other: they name no resource.
	case "string", "character":
		s.kind = text
	case "integer", "long":
		s.kind = number
	case "list":
		s.kind, s.of = list, shapes[r.Member.Shape]
	case "map":
		s.kind, s.of = mapping, shapes[r.Value.Shape]
	case "structure":
		s.kind, s.fields = structure, map[string]*shape{}
		for name, f := range r.Members {
			// Models write some members in lower case, and Go exports them all.
			s.fields[upperFirst(name)] = shapes[f.Shape]
		}
	}
}

// readV1Hosts reads the endpoints that AWS's tests of a service's endpoint rules expect.
func readV1Hosts(file string) (hosts []string, err error) {
	data, err := os.ReadFile(file)
	// Older services have no endpoint tests.
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var tests struct {
		TestCases []struct {
			Expect struct{ Endpoint *struct{ URL string } }
			Params map[string]any
		}
	}
	if err := json.Unmarshal(data, &tests); err != nil {
		return nil, err
	}
	for _, c := range tests.TestCases {
		// A test may expect an error, or the endpoint that its user gives.
		if c.Expect.Endpoint == nil || c.Params["Endpoint"] != nil {
			continue
		}
		// Only the host is of interest, since labels are parts of it.
		u, err := url.Parse(c.Expect.Endpoint.URL)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, u.Host)
	}
	return hosts, nil
}
