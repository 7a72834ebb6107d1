// Package deploy holds the production-like stack. Its tests check docker-compose.yml as strictly as is possible without
// a container engine.
package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// stack holds the keys of the Compose specification that the file uses; any other key is an error.
type stack struct {
	Name     string               `yaml:"name"`
	Services map[string]service   `yaml:"services"`
	Networks map[string]network   `yaml:"networks"`
	Volumes  map[string]struct{}  `yaml:"volumes"`
	Secrets  map[string]fromFile  `yaml:"secrets"`
	Configs  map[string]fromFile  `yaml:"configs"`
	Common   map[string]yaml.Node `yaml:",inline"` // the x-… blocks that services are built from
}

type network struct {
	Internal bool `yaml:"internal"`
}

type fromFile struct {
	File string `yaml:"file"`
}

type service struct {
	Image       string            `yaml:"image"`
	Build       *build            `yaml:"build"`
	User        string            `yaml:"user"`
	Entrypoint  []string          `yaml:"entrypoint"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Secrets     []string          `yaml:"secrets"`
	Configs     []mounted         `yaml:"configs"`
	Volumes     []string          `yaml:"volumes"`
	Tmpfs       []string          `yaml:"tmpfs"`
	Ports       []string          `yaml:"ports"`
	Networks    []string          `yaml:"networks"`
	DependsOn   map[string]after  `yaml:"depends_on"`
	Healthcheck *healthcheck      `yaml:"healthcheck"`
	Restart     string            `yaml:"restart"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop"`
	SecurityOpt []string          `yaml:"security_opt"`
	Logging     map[string]string `yaml:"logging"`
	ShmSize     string            `yaml:"shm_size"`
	StopGrace   string            `yaml:"stop_grace_period"`
}

type build struct {
	Context string            `yaml:"context"`
	Args    map[string]string `yaml:"args"`
}

type mounted struct {
	Source string `yaml:"source"`
	Target string `yaml:"target"`
}

type after struct {
	Condition string `yaml:"condition"`
}

type healthcheck struct {
	Test        []string `yaml:"test"`
	Interval    string   `yaml:"interval"`
	Timeout     string   `yaml:"timeout"`
	Retries     int      `yaml:"retries"`
	StartPeriod string   `yaml:"start_period"`
}

// job reports whether a service runs once and exits.
func (s service) job() bool { return strings.HasPrefix(s.Restart, "on-failure") }

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func compose(t *testing.T) stack {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "docker-compose.yml")))
	decoder.KnownFields(true)
	s := stack{}
	if err := decoder.Decode(&s); err != nil {
		t.Fatal(err)
	}
	for name := range s.Common {
		if !strings.HasPrefix(name, "x-") {
			t.Errorf("docker-compose.yml: %q is not a key of the specification", name)
		}
	}
	return s
}

// each runs a check for every service.
func each(t *testing.T, check func(t *testing.T, s service)) {
	t.Helper()
	for name, s := range compose(t).Services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, s)
		})
	}
}

var pinned = regexp.MustCompile(`^[a-z0-9./-]+:(\$\{TERRACE_VERSION:-)?[0-9]+\.[0-9]+[a-z0-9.-]*\}?$`)

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s service) {
		if !pinned.MatchString(s.Image) {
			t.Errorf("image %q names no version", s.Image)
		}
		if strings.Contains(s.Image, "auto-setup") {
			t.Errorf("image %q is deprecated", s.Image)
		}
	})
}

func TestTemporalAndItsToolsAreOfOneVersion(t *testing.T) {
	t.Parallel()
	versions := map[string]bool{}
	for _, s := range compose(t).Services {
		if name, version, _ := strings.Cut(s.Image, ":"); strings.HasPrefix(name, "temporalio/") {
			versions[version] = true
		}
	}
	if len(versions) != 1 {
		t.Errorf("versions of Temporal: %v", versions)
	}
}

func TestServicesHaveNoMorePowerThanTheyNeed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s service) {
		if uid, _, _ := strings.Cut(s.User, ":"); uid == "" || uid == "0" || uid == "root" {
			t.Errorf("runs as user %q", s.User)
		}
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Error("its file system can be written, or it keeps capabilities, or may get new ones")
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("publishes %s to the world", port)
			}
		}
	})
}

func TestWhatRunsForGoodHasAHealthCheck(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s service) {
		switch {
		case s.job() && s.Healthcheck != nil:
			t.Error("a job ends; it has no health")
		case !s.job() && (s.Healthcheck == nil || len(s.Healthcheck.Test) < 2 || s.Healthcheck.Interval == "" || s.Healthcheck.Retries == 0):
			t.Errorf("health check %+v", s.Healthcheck)
		}
	})
}

func TestWhatIsNamedIsThere(t *testing.T) {
	t.Parallel()
	all := compose(t)
	each(t, func(t *testing.T, s service) {
		for name, a := range s.DependsOn {
			other, known := all.Services[name]
			wants := map[bool]string{true: "service_completed_successfully", false: "service_healthy"}[other.job()]
			if !known || a.Condition != wants {
				t.Errorf("depends on %s being %s, want %s", name, a.Condition, wants)
			}
		}
		for _, name := range s.Networks {
			if _, known := all.Networks[name]; !known {
				t.Errorf("no network %s", name)
			}
		}
		for _, name := range s.Secrets {
			if _, known := all.Secrets[name]; !known {
				t.Errorf("no secret %s", name)
			}
		}
		for _, c := range s.Configs {
			if _, known := all.Configs[c.Source]; !known {
				t.Errorf("no config %s", c.Source)
			}
		}
		for _, v := range s.Volumes {
			if name, _, _ := strings.Cut(v, ":"); !has(all.Volumes, name) {
				t.Errorf("no volume %s", name)
			}
		}
	})
	for name, c := range all.Configs {
		if _, err := os.Stat(filepath.Join("..", c.File)); err != nil {
			t.Errorf("config %s: %v", name, err)
		}
	}
}

func has[V any](m map[string]V, key string) bool {
	_, ok := m[key]
	return ok
}

// Only the API publishes ports or has a way out; every other network is internal.
func TestOnlyTheAPIFacesOutward(t *testing.T) {
	t.Parallel()
	all := compose(t)
	for name, n := range all.Networks {
		if n.Internal == (name == "front") {
			t.Errorf("network %s is internal: %t", name, n.Internal)
		}
	}
	for name, s := range all.Services {
		if slices.Contains(s.Networks, "front") != (name == "api") || len(s.Ports) > 0 != (name == "api") {
			t.Errorf("%s is on %v and publishes %v", name, s.Networks, s.Ports)
		}
	}
}

// A variable that the program does not know would have no effect.
func TestTerraceKnowsEveryVariable(t *testing.T) {
	t.Parallel()
	var known []string
	for _, found := range regexp.MustCompile(`env:"(TERRACE_\w+)"`).FindAllStringSubmatch(read(t, "app/settings.go"), -1) {
		known = append(known, found[1])
	}
	if len(known) < 5 {
		t.Fatalf("the settings name %v", known)
	}
	for name, s := range compose(t).Services {
		if !strings.HasPrefix(s.Image, "terrace:") {
			continue
		}
		for variable := range s.Environment {
			if !slices.Contains(known, strings.TrimSuffix(variable, "_FILE")) {
				t.Errorf("%s: the program does not know %s", name, variable)
			}
		}
		for _, needed := range []string{"TERRACE_DATABASE_URL_FILE", "TERRACE_TEMPORAL_ADDRESS"} {
			if s.Environment[needed] == "" {
				t.Errorf("%s lacks %s", name, needed)
			}
		}
	}
}

func TestSecretsAreFilesThatNobodyCommits(t *testing.T) {
	t.Parallel()
	maker := read(t, "deploy/make-secrets.sh")
	for name, s := range compose(t).Secrets {
		if s.File != "deploy/secrets/"+name || !strings.Contains(maker, name) {
			t.Errorf("secret %s comes from %s, which make-secrets.sh does not make", name, s.File)
		}
	}
	each(t, func(t *testing.T, s service) {
		for variable, value := range s.Environment {
			if regexp.MustCompile(`(?i)(password|pwd|secret|token)$`).MatchString(variable) || strings.Contains(value, "://") && strings.Contains(value, "@") {
				t.Errorf("%s=%s stands in the open", variable, value)
			}
		}
	})
	if got := read(t, "deploy/secrets/.gitignore"); !strings.HasPrefix(got, "*\n") {
		t.Errorf("deploy/secrets is not ignored: %q", got)
	}
}

func TestTheExampleNamesEveryVariableOfTheStack(t *testing.T) {
	t.Parallel()
	example := read(t, ".env.example")
	used := regexp.MustCompile(`\$\{(\w+)`).FindAllStringSubmatch(read(t, "docker-compose.yml"), -1)
	for _, found := range used {
		if !strings.Contains(example, "\n"+found[1]+"=") {
			t.Errorf(".env.example lacks %s", found[1])
		}
	}
	if len(used) == 0 {
		t.Error("nothing can be set")
	}
}

func TestTheImageHoldsTheProgramAndNoShell(t *testing.T) {
	t.Parallel()
	text := read(t, "Dockerfile")
	stages := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1)
	for i, stage := range stages {
		last := i == len(stages)-1
		if last != (stage[1] == "scratch") || !last && !pinned.MatchString(stage[1]) {
			t.Errorf("stage %d is from %s", i+1, stage[1])
		}
	}
	_, final, _ := strings.Cut(text, "FROM scratch")
	for _, want := range []string{"USER 65532:65532", "ca-certificates.crt", `ENTRYPOINT ["/terrace"]`} {
		if !strings.Contains(final, want) {
			t.Errorf("the image lacks %s", want)
		}
	}
	if !strings.Contains(text, "CGO_ENABLED=0") || strings.Contains(final, "RUN ") {
		t.Error("the program would need a C library, or the image a shell")
	}
	if version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))[1]; !strings.Contains(text, "golang:"+version+".") {
		t.Errorf("not built with Go %s, as go.mod says", version)
	}
}

// The image build has access to every package of this module that the programs import.
func TestTheBuildSeesEveryPackage(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}", "./cmd/terrace", "./deploy/probe")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.Split(read(t, ".dockerignore"), "\n")
	for path := range bytes.Lines(out) {
		folder, inside := strings.CutPrefix(strings.TrimSpace(string(path)), "terrace/")
		top, _, _ := strings.Cut(folder, "/")
		if inside && !slices.Contains(seen, "!"+top) && !slices.Contains(seen, "!"+folder) {
			t.Errorf(".dockerignore hides %s", folder)
		}
	}
}

func TestTheScriptsAreShell(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("*/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range append(scripts, "make-secrets.sh") {
		if out, err := exec.CommandContext(t.Context(), "sh", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", script, out)
		}
	}
	if len(scripts) < 4 {
		t.Errorf("found %v", scripts)
	}
}
