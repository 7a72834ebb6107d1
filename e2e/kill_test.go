package e2e

import "testing"

// The demonstration starts its own Postgres and Temporal, which end with it even if it is killed.
func TestAKilledDemonstrationResumesWhereItWas(t *testing.T) {
	t.Parallel()
	s := newSystem(t, "", "")
	falls := moments(t, 3)
	s.launchDemo()
	for _, n := range falls {
		s.after(n)
		s.kill()
		s.launchDemo()
	}
	s.archived()
	s.privateDatabase()
	s.asUndisturbed()
}

func TestADemonstrationSurvivesAKilledTemporal(t *testing.T) {
	t.Parallel()
	server := ownPostgres(t)
	temporal := ownTemporal(t, server.url)
	s := newSystem(t, newDatabase(t, server.url), temporal.address)
	falls := moments(t, 2)
	s.launchDemo()
	for _, n := range falls {
		s.after(n)
		temporal.kill()
		if err := temporal.start(); err != nil {
			t.Fatal(err)
		}
	}
	s.archived()
	s.asUndisturbed()
}

func TestADemonstrationSurvivesTheLossOfTemporalsData(t *testing.T) {
	t.Parallel()
	server := ownPostgres(t)
	temporal := ownTemporal(t, server.url)
	s := newSystem(t, newDatabase(t, server.url), temporal.address)
	falls := moments(t, 2)
	s.launchDemo()
	for _, n := range falls {
		s.after(n)
		temporal.kill()
		dropDatabase(t, server.url, "temporal")
		dropDatabase(t, server.url, "temporal_visibility")
		if err := temporal.start(); err != nil {
			t.Fatal(err)
		}
		if status, text := run(t, s.environment(), "resume"); status != 0 {
			t.Fatalf("terrace resume exits with %d:\n%s", status, text)
		}
	}
	s.archived()
	s.asUndisturbed()
}
