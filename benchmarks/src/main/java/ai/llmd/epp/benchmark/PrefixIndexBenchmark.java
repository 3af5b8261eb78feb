package ai.llmd.epp.benchmark;

import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A prompt of 1,562 blocks against an index in which every endpoint has its share. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PrefixIndexBenchmark {

  private static final int CAPACITY = 31_250;
  private static final long INDEX_BYTES = 1L << 30;

  @Param({"10", "100"})
  public int endpoints;

  private final PrefixBlocks prompt =
      Prompts.blocks(Prompts.tokens(Prompts.request(Bodies.chat(400_000))));
  private final PrefixBlocks[] others = new PrefixBlocks[64];
  private PrefixCacheIndex index = new PrefixCacheIndex(INDEX_BYTES);
  private int[] matched = new int[0];
  private int next;

  @Setup
  public void fill() {
    index = new PrefixCacheIndex(INDEX_BYTES);
    matched = new int[endpoints];
    Random random = new Random(1);
    Bodies bodies = new Bodies("m", false, 1, 0, 100_000, 0, random);
    for (int i = 0; i < others.length; i++) {
      others[i] = Prompts.blocks(Prompts.tokens(Prompts.request(bodies.next(random))));
    }
    for (int slot = 0; slot < endpoints; slot++) {
      for (int i = 0; i < 16; i++) {
        index.record(slot, others[random.nextInt(others.length)], CAPACITY);
      }
      if (slot % 4 == 0) {
        index.record(slot, prompt, CAPACITY);
      }
    }
  }

  @Benchmark
  public int[] match() {
    index.match(prompt, matched);
    return matched;
  }

  /** 390 blocks; the endpoint's share is full, so that as many old ones go. */
  @Benchmark
  public long record() {
    index.record(next % endpoints, others[next & 63], 4_096);
    next++;
    return index.entries();
  }
}
