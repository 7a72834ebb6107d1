package app

import "runtime/debug"

// version is the version of a release. The linker sets it, and it is empty in any other build.
var version = ""

// Version returns the version of the release or, outside a release, the commit from which the program was built.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "development"
}
