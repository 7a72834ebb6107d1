package flow

import (
	"strconv"

	"terrace/domain"
)

// AllStored refuses files that were never uploaded.
func AllStored(field string, files []string, c Context) error {
	for i, sha := range files {
		if err := Stored(At(field, i), sha, c); err != nil {
			return err
		}
	}
	return nil
}

// At returns the path of an element of a field: evidence[2].
func At(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// Stored refuses a file that was never uploaded.
func Stored(field, sha string, c Context) error {
	if _, ok := c.Evidence[sha]; !ok {
		return domain.Refuse("no-such-file", field, "sha256", sha)
	}
	return nil
}
