package flow

import (
	"slices"
	"strconv"

	"terrace/domain"
)

// FilesOf returns the SHA-256 digests of the files that a payload or an event names, in order and without repetitions. Anyone who can
// read an aggregate can read the files named in its events.
func FilesOf(v any) []string {
	named, ok := v.(interface{ Files() []string })
	if !ok {
		return nil
	}
	files := slices.DeleteFunc(slices.Clone(named.Files()), func(sha string) bool { return sha == "" })
	slices.Sort(files)
	return slices.Compact(files)
}

// AllStored returns a refusal if any of the files has not been uploaded.
func AllStored(field string, files []string, c Context) error {
	for i, sha := range files {
		if err := Stored(At(field, i), sha, c); err != nil {
			return err
		}
	}
	return nil
}

// At returns the path of an element of a list, such as evidence[2].
func At(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// Stored returns a refusal if the file has not been uploaded.
func Stored(field, sha string, c Context) error {
	if _, ok := c.Evidence[sha]; !ok {
		return domain.Refuse("no-such-file", field, "sha256", sha)
	}
	return nil
}
