package ai.llmd.epp.benchmark;

import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.request.InferenceRequest;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From the bytes of a prompt to the hashes of its blocks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BlockHashingBenchmark {

  @Param({"2600", "40000", "400000"})
  public int bytes;

  private InferenceRequest request = Prompts.request(Bodies.chat(1_000));

  @Setup
  public void prepare() {
    request = Prompts.request(Bodies.chat(bytes));
  }

  @Benchmark
  public PrefixBlocks hash() {
    return Prompts.blocks(Prompts.tokens(request));
  }
}
