package app

import "runtime/debug"

// version is the release version. It is set by the linker, and empty in builds that are not releases.
var version = ""

// Version returns the release version or, for other builds, the commit from which the program was built.
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
