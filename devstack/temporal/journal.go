package temporal

import (
	"os"

	"go.temporal.io/server/common/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// journal is the server's log on standard error. While the services start and stop one by one, they log many complaints
// about each other. The log therefore prints only warnings and errors while the server is running, and nothing while it
// stops.
type journal struct {
	logger log.Logger
	level  zap.AtomicLevel
}

func newJournal() *journal {
	level := zap.NewAtomicLevelAt(zap.ErrorLevel)
	format := zap.NewProductionEncoderConfig()
	format.EncodeTime = zapcore.ISO8601TimeEncoder
	core := zapcore.NewCore(zapcore.NewConsoleEncoder(format), zapcore.Lock(os.Stderr), level)
	return &journal{logger: log.NewZapLogger(zap.New(core)), level: level}
}

func (j *journal) serving() { j.level.SetLevel(zap.WarnLevel) }

func (j *journal) stopping() { j.level.SetLevel(zap.FatalLevel) }
