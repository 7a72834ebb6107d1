package app

import (
	"encoding/json"
	"errors"
	"io"

	"terrace/postgres"
)

// ReadRegistry reads the file given to “terrace register”. The file must be a single JSON document without unknown
// fields.
func ReadRegistry(file io.Reader) (postgres.Registry, error) {
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	registry := postgres.Registry{}
	if err := decoder.Decode(&registry); err != nil {
		return postgres.Registry{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return postgres.Registry{}, errors.New("there is more after the document")
	}
	return registry, nil
}
