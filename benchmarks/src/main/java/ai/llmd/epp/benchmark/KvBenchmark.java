package ai.llmd.epp.benchmark;

import ai.llmd.epp.adapter.kvevents.EngineType;
import ai.llmd.epp.adapter.kvevents.KvEventDecoder;
import ai.llmd.epp.adapter.kvevents.MalformedPayloadException;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.kvcache.KvMatch;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What precise prefix matching costs: a walk over the index, hashing of blocks, taking events. */
public class KvBenchmark {

  private static final int BLOCKS = 2_000;
  private static final int BLOCK_TOKENS = 16;

  private KvBenchmark() {}

  /** A prompt of 2,000 blocks that every endpoint holds. */
  @State(Scope.Benchmark)
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public static class Walk {

    @Param({"64", "1000"})
    public int endpoints;

    private final KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    private final KvBlockIndex index = new KvBlockIndex(1L << 30, locations, 1);
    private final long[] keys = new Random(1).longs(BLOCKS).toArray();
    private KvMatch match = new KvMatch(1);

    @Setup
    public void fill() {
      int location = locations.location(locations.tier("GPU"), 0);
      for (int slot = 0; slot < endpoints; slot++) {
        index.store(slot, location, keys, BLOCKS, keys, BLOCKS);
      }
      match = new KvMatch(endpoints);
    }

    @Benchmark
    public int walk() {
      match.reset();
      index.match(keys, 0, BLOCKS, match);
      return match.longest();
    }
  }

  /** Nanoseconds for a token. */
  @State(Scope.Benchmark)
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.NANOSECONDS)
  public static class Hashing {

    private static final int TOKENS = BLOCKS * BLOCK_TOKENS;

    @Param({"CBOR_FNV", "XXH64"})
    public HashAlgorithm algorithm;

    private final int[] tokens = new Random(1).ints(TOKENS, 0, 150_000).toArray();
    private final long[] keys = new long[BLOCKS];
    private KvBlockHasher hasher = new KvBlockHasher(HashAlgorithm.XXH64, "", BLOCK_TOKENS);

    @Setup
    public void choose() {
      hasher = new KvBlockHasher(algorithm, "", BLOCK_TOKENS);
    }

    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public long hash() {
      hasher.hash(7, tokens, TOKENS, null, keys);
      return keys[BLOCKS - 1];
    }
  }

  /**
   * Decoding a message and applying it: 8,192 blocks are stored and then removed, in messages of so
   * many blocks; a thousand stored ones and as many removed ones in a second are one of the unit.
   */
  @State(Scope.Benchmark)
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public static class Ingest {

    private static final int STORED = 8_192;

    @Param({"1", "32"})
    public int blocksOfMessage;

    @Param({"CBOR_FNV", "XXH64"})
    public HashAlgorithm algorithm;

    private final KvEventDecoder decoder = new KvEventDecoder(EngineType.VLLM);
    private final KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    private final KvBlockIndex index = new KvBlockIndex(1L << 30, locations, 1);
    private byte[][] stores = {};
    private byte[][] removals = {};
    private KvEventApplier applier =
        new KvEventApplier(
            index,
            new KvBlockHasher(HashAlgorithm.XXH64, "", BLOCK_TOKENS),
            locations,
            new KvEventCounts());

    @Setup
    public void write() {
      applier =
          new KvEventApplier(
              index,
              new KvBlockHasher(algorithm, "", BLOCK_TOKENS),
              locations,
              new KvEventCounts());
      Random random = new Random(3);
      stores = new byte[STORED / blocksOfMessage][];
      removals = new byte[stores.length][];
      for (int i = 0; i < stores.length; i++) {
        long[] hashes = random.longs(blocksOfMessage).toArray();
        stores[i] = message(hashes, random, true);
        removals[i] = message(hashes, random, false);
      }
    }

    @Benchmark
    @OperationsPerInvocation(STORED)
    public long storeAndRemove() throws MalformedPayloadException {
      for (byte[] store : stores) {
        decoder.decode(store, event -> applier.apply(event, 5, "m"));
      }
      long held = index.blocks();
      for (byte[] removal : removals) {
        decoder.decode(removal, event -> applier.apply(event, 5, "m"));
      }
      return held;
    }

    /** One event, as vLLM writes it. */
    private static byte[] message(long[] hashes, Random random, boolean isStore) {
      var out = new ByteArrayOutputStream();
      out.write(0x93);
      out.writeBytes(ByteBuffer.allocate(9).put((byte) 0xcb).putDouble(1.5).array());
      out.write(0x91);
      out.write(isStore ? 0x86 : 0x83);
      text(out, "type");
      text(out, isStore ? "BlockStored" : "BlockRemoved");
      text(out, "block_hashes");
      array(out, hashes.length);
      for (long hash : hashes) {
        out.writeBytes(ByteBuffer.allocate(9).put((byte) 0xcf).putLong(hash).array());
      }
      text(out, "medium");
      text(out, "GPU");
      if (isStore) {
        text(out, "parent_block_hash");
        out.write(0xc0);
        text(out, "token_ids");
        array(out, hashes.length * BLOCK_TOKENS);
        for (int i = 0; i < hashes.length * BLOCK_TOKENS; i++) {
          int token = random.nextInt(150_000);
          out.writeBytes(ByteBuffer.allocate(5).put((byte) 0xce).putInt(token).array());
        }
        text(out, "block_size");
        out.write(BLOCK_TOKENS);
      }
      out.write(0);
      return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
      out.write(0xa0 | text.length());
      out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void array(ByteArrayOutputStream out, int length) {
      out.writeBytes(ByteBuffer.allocate(3).put((byte) 0xdc).putShort((short) length).array());
    }
  }
}
