package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// chaos attacks the stack by playing cards from a deck, which it reshuffles whenever it runs out.
type chaos struct {
	stack   *stack
	almanac *almanac
	disk    *disk
	random  *rand.Rand
	between time.Duration // mean time between cards
	kills   int           // number of kills to make

	deck    []func(context.Context)
	made    atomic.Int64 // kills so far
	counts  tallies      // faults by name
	beside  sync.WaitGroup
	spoiled sync.Mutex // held while a link is spoiled, so that only one is spoiled at a time
	errors  surprises
}

// A deck of 31 cards holds 20 kills, 8 bad links, 2 full disks and one jump of the calendar.
var (
	killed = map[string]int{"worker": 6, "api": 5, "bank": 3, "postgres": 3, "temporal": 3}
	others = map[string]int{"link": 8, "disk": 2, "jump": 1}
)

func (c *chaos) shuffled() (deck []func(context.Context)) {
	for kind, share := range killed {
		for range share {
			deck = append(deck, func(ctx context.Context) { c.kill(ctx, kind) })
		}
	}
	for what, share := range others {
		for range share {
			deck = append(deck, map[string]func(context.Context){"link": c.link, "disk": c.fill, "jump": c.jump}[what])
		}
	}
	c.random.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	return deck
}

// lead is the number of kills by which chaos may run ahead of the work.
const lead = 4

// run plays cards, spread over the work, until all kills have been made or late reports that time is up. share returns
// the fraction of the work done. Each of the operator's acts happens once, when its percentage of the kills has been
// made.
func (c *chaos) run(ctx context.Context, late func() bool, share func() float64, acts ...act) {
	for ctx.Err() == nil && !late() && (int(c.made.Load()) < c.kills || len(acts) > 0) {
		pause(ctx, time.Duration((0.2+1.6*c.random.Float64())*float64(c.between)))
		if float64(c.made.Load()) > float64(c.kills)*share()+lead {
			continue
		}
		for len(acts) > 0 && c.made.Load()*100 >= int64(acts[0].percent*c.kills) {
			a := acts[0]
			acts = acts[1:]
			c.beside.Wait()
			c.beside.Go(func() {
				if err := a.do(ctx); err != nil && ctx.Err() == nil {
					c.errors.note("%s: %v", a.name, err)
				}
				c.counts.add(a.name, 1)
			})
		}
		if len(c.deck) == 0 {
			c.deck = c.shuffled()
		}
		c.deck[0](ctx)
		c.deck = c.deck[1:]
	}
	c.beside.Wait()
}

// act is something that an operator does once, after a percentage of the kills.
type act struct {
	name    string
	percent int
	do      func(context.Context) error
}

func (c *chaos) kill(ctx context.Context, kind string) {
	all := c.stack.of(kind)
	all[c.random.IntN(len(all))].kill(ctx)
	if ctx.Err() == nil {
		c.counts.add("kill -9 of "+kind, 1)
		c.made.Add(1)
	}
}

// link spoils one link for some seconds, concurrently with the other cards.
func (c *chaos) link(ctx context.Context) {
	l, t := c.stack.links[c.random.IntN(len(c.stack.links))], toxics[c.random.IntN(len(toxics))]
	span := time.Duration(1500+c.random.IntN(2500)) * time.Millisecond
	random := rand.New(rand.NewPCG(c.random.Uint64(), 0)) //nolint:gosec // it need not be unpredictable
	c.beside.Go(func() {
		c.spoiled.Lock()
		defer c.spoiled.Unlock()
		if err := l.spoil(ctx, t, random, span); err != nil {
			c.errors.note("%v", err)
		}
		c.counts.add("link "+l.name+": "+t.name, 1)
	})
}

// fill fills the evidence disk for a while, so that uploads fail.
func (c *chaos) fill(ctx context.Context) {
	span := time.Duration(1000+c.random.IntN(2000)) * time.Millisecond
	c.beside.Go(func() {
		c.stack.full.begins()
		defer c.stack.full.ends()
		if err := c.disk.full(ctx, span); err != nil {
			c.errors.note("%v", err)
		}
		c.counts.add("full disk of the evidence", 1)
	})
}

// fullness records when the evidence disk was full.
type fullness struct {
	mutex sync.Mutex
	now   int // number of goroutines that fill the disk or wait to
	last  time.Time
}

func (f *fullness) begins() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.now++
}

func (f *fullness) ends() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.now--
	f.last = time.Now()
}

// since reports whether the disk has been full at any time since then.
func (f *fullness) since(then time.Time) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.now > 0 || f.last.After(then)
}

// jump moves the calendar forward by hours or days at once.
func (c *chaos) jump(ctx context.Context) {
	if err := c.almanac.jump(ctx, time.Duration(6+c.random.IntN(42))*time.Hour); err != nil && ctx.Err() == nil {
		c.errors.note("jump of the calendar: %v", err)
	}
	c.counts.add("jump of the calendar", 1)
}

// disk is a file system for evidence only, small enough to be filled.
type disk struct {
	folder string
	mutex  sync.Mutex
}

const diskBytes = 256 << 20

// newDisk mounts a small file system on the folder. If mounting is not permitted, no disk can be filled, and the soak
// reports that.
func newDisk(folder string) (*disk, error) {
	err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0755", diskBytes))
	if err != nil {
		return nil, fmt.Errorf("mount a file system of %d MiB on %s, to fill it: %w", diskBytes>>20, folder, err)
	}
	return &disk{folder: folder}, nil
}

func (d *disk) close() error { return syscall.Unmount(d.folder, syscall.MNT_DETACH) }

// full uses up the free space for a while. It returns an error if the disk still accepts writes.
func (d *disk) full(ctx context.Context, span time.Duration) (err error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	path := filepath.Join(d.folder, "filler")
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	file, err := os.Create(path) //nolint:gosec // in the soak's own folder
	if err != nil {
		return err
	}
	page := []byte(strings.Repeat(".", 1<<16))
	for err == nil {
		_, err = file.Write(page)
	}
	if closed := file.Close(); !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the disk is not full: %w", errors.Join(err, closed))
	}
	pause(ctx, span)
	return nil
}
