// Package docs holds the documentation. Its tests check it against the code.
package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"terrace/domain/catalogue"
)

func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"../README*.md", "*.md", "*/*.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			all[name] = read(t, name)
		}
	}
	if len(all) < 10 {
		t.Fatalf("found %d pages", len(all))
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestEveryLinkHasATarget(t *testing.T) {
	t.Parallel()
	for name, text := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, part, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := name
			if target != "" {
				path = filepath.Join(filepath.Dir(name), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if part != "" && !hasPart(read(t, path), path, part) {
				t.Errorf("%s: %s has no %q", name, path, part)
			}
		}
	}
}

// hasPart reports whether the text has a line of code, an anchor, or a heading (in GitHub's form) named part.
func hasPart(text, path, part string) bool {
	if !strings.HasSuffix(path, ".md") {
		line, err := strconv.Atoi(strings.TrimPrefix(part, "L"))
		return err == nil && line <= strings.Count(text, "\n")
	}
	if strings.Contains(text, `id="`+part+`"`) {
		return true
	}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		slug := strings.ToLower(regexp.MustCompile("[`,.、()’'“”:?]").ReplaceAllString(heading[1], ""))
		if strings.ReplaceAll(slug, " ", "-") == part {
			return true
		}
	}
	return false
}

func TestOperationsListEverySettingWithItsDefault(t *testing.T) {
	t.Parallel()
	text := read(t, "operations.md")
	settings := regexp.MustCompile(`env:"(TERRACE_\w+)"(?: envDefault:"([^"]*)")?`).FindAllStringSubmatch(read(t, "../app/settings.go"), -1)
	if len(settings) < 5 {
		t.Fatalf("found %v", settings)
	}
	for _, s := range settings {
		row := regexp.MustCompile("(?m)^\\| `" + s[1] + "` \\|.*$").FindString(text)
		if row == "" || s[2] != "" && !strings.Contains(strings.ToLower(row), "`"+strings.ToLower(s[2])+"`") {
			t.Errorf("%s [%s]: %q", s[1], s[2], row)
		}
	}
}

func TestOperationsListEveryCommand(t *testing.T) {
	t.Parallel()
	text := read(t, "operations.md")
	names, err := filepath.Glob("../cmd/terrace/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		for _, use := range regexp.MustCompile(`Use: "([a-z]+)`).FindAllStringSubmatch(read(t, name), -1) {
			found++
			if !regexp.MustCompile("\\| `terrace (?:[a-z]+ )?" + use[1]).MatchString(text) {
				t.Errorf("terrace %s is not explained", use[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d commands", found)
	}
}

func TestThePictureOfTheArchitectureShowsEveryKindAndTheTurns(t *testing.T) {
	t.Parallel()
	picture := read(t, "architecture.svg")
	words := []string{"turns", "待办"}
	for _, a := range catalogue.All.Aggregates() {
		words = append(words, a.Title.EN, a.Title.ZH)
	}
	for _, word := range words {
		if !strings.Contains(picture, ">"+word+"<") && !strings.Contains(picture, "> "+word) {
			t.Errorf("the picture does not show %s", word)
		}
	}
}

// A number that may be one has no plural behind it; nobody is refused for a single byte.
func TestNoRefusalSaysOneCharacters(t *testing.T) {
	t.Parallel()
	plural := regexp.MustCompile(`\{(most|least|got|left|want)\} (have|are|[a-z]+s)\b`)
	for _, found := range plural.FindAllString(read(t, "errors.md"), -1) {
		if !strings.HasSuffix(found, " bytes") {
			t.Errorf("a refusal says %q", found)
		}
	}
}

func TestTheDemonstrationIsLabelled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../README.md", "../README.zh-CN.md", "drive-with-curl.md"} {
		if !strings.Contains(read(t, name), "演示数据") {
			t.Errorf("%s does not label the demonstration's data", name)
		}
	}
}
