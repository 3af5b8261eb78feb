package ai.llmd.epp.benchmark;

import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.application.parsing.ParseOutcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One scan over a chat request: everything that routing reads of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BodyScanBenchmark {

  @Param({"2600", "40000", "400000"})
  public int bytes;

  private final OpenAiParser parser = new OpenAiParser();
  private byte[] body = new byte[0];

  @Setup
  public void prepare() {
    body = Bodies.chat(bytes);
  }

  @Benchmark
  public ParseOutcome scan() {
    return parser.parse("/v1/chat/completions", name -> null, body, body.length);
  }
}
