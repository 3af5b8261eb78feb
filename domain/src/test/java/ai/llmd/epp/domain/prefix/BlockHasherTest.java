package ai.llmd.epp.domain.prefix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BlockHasherTest {

  private static final int MANY = 1_000;

  @RepeatedTest(200)
  void followsTheDefinitionHoweverTheStreamIsCut(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    List<byte[]> prompts = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      byte[] bytes = new byte[4 * random.nextInt(400)];
      random.nextBytes(bytes);
      prompts.add(bytes);
    }
    int blockTokens = 1 + random.nextInt(100);
    int maxBlocks = random.nextInt(30);
    long secret = random.nextBoolean() ? 0 : random.nextLong();
    PrefixBlocks blocks =
        BlockHasher.hash(
            new CutPrompt(prompts, "salt", random), "model", blockTokens, maxBlocks, secret);
    assertThat(chains(blocks))
        .isEqualTo(chainsByDefinition(prompts, "modelsalt", blockTokens, maxBlocks, secret));
    assertThat(blocks.blockTokens()).isEqualTo(blockTokens);
  }

  @Test
  void hashesTheShorterLastBlock() {
    assertThat(hash(prompt(65), "m", 64).totalBlocks()).isEqualTo(2);
    assertThat(hash(prompt(64), "m", 64).totalBlocks()).isEqualTo(1);
    assertThat(hash(prompt(1), "m", 64).totalBlocks()).isEqualTo(1);
  }

  @Test
  void yieldsNothingWithoutTokensBlocksOrBlockSize() {
    assertThat(hash(prompt(0), "m", 64).chains()).isZero();
    assertThat(hash(prompt(10), "m", 0).chains()).isZero();
    assertThat(hash(prompt(10), "m", -1).chains()).isZero();
    assertThat(BlockHasher.hash(prompt(10), "m", 4, 0, 0).chains()).isZero();
  }

  @Test
  void separatesModelsSaltsAndSecrets() {
    PrefixBlocks plain = hash(prompt(64), "m", 64);
    assertThat(hash(prompt(64), "n", 64).hashes()).isNotEqualTo(plain.hashes());
    assertThat(BlockHasher.hash(prompt(64), "m", 64, MANY, 7).hashes())
        .isNotEqualTo(plain.hashes());
    var salted = new CutPrompt(List.of(new byte[256]), "s", new Random(1));
    assertThat(hash(salted, "m", 64).hashes()).isNotEqualTo(plain.hashes());
    assertThat(hash(prompt(64), "ms", 64).hashes()).isEqualTo(hash(salted, "m", 64).hashes());
  }

  @Test
  void copesWithBlocksLargerThanAnArray() {
    assertThat(hash(prompt(100), "m", Integer.MAX_VALUE).totalBlocks()).isEqualTo(1);
  }

  @Test
  void stopsTheWriterWhenItHasEnough() {
    var prompt = new StoppingPrompt();
    BlockHasher.hash(prompt, "m", 16, 3, 0);
    assertThat(prompt.writes).isEqualTo(3);
  }

  @Test
  void refusesAPromptWithFewerTokensThanAnnounced() {
    TokenizedPrompt liar =
        new CutPrompt(List.of(new byte[40]), "", new Random(1)) {
          @Override
          public int tokens(int prompt) {
            return 11;
          }
        };
    assertThatThrownBy(() -> hash(liar, "m", 5)).isInstanceOf(IllegalStateException.class);
  }

  private static PrefixBlocks hash(TokenizedPrompt prompt, String model, int blockTokens) {
    return BlockHasher.hash(prompt, model, blockTokens, MANY, 0);
  }

  private static TokenizedPrompt prompt(int tokens) {
    return new CutPrompt(List.of(new byte[4 * tokens]), "", new Random(1));
  }

  private static List<List<Long>> chains(PrefixBlocks blocks) {
    List<List<Long>> chains = new ArrayList<>();
    for (int i = 0; i < blocks.chains(); i++) {
      chains.add(
          Arrays.stream(blocks.hashes(), blocks.start(i), blocks.ends()[i]).boxed().toList());
    }
    return chains;
  }

  private static List<List<Long>> chainsByDefinition(
      List<byte[]> prompts, String seedText, int blockTokens, int maxBlocks, long secret) {
    byte[] seedBytes = seedText.getBytes(StandardCharsets.UTF_8);
    List<List<Long>> chains = new ArrayList<>();
    for (byte[] bytes : prompts) {
      long previous = XxHash64.hash(seedBytes, 0, seedBytes.length, secret);
      List<Long> chain = new ArrayList<>();
      for (int at = 0; at < bytes.length && chain.size() < maxBlocks; at += 4 * blockTokens) {
        int length = Math.min(4 * blockTokens, bytes.length - at);
        previous = XxHash64.hash(XxHash64.hash(bytes, at, length, secret), previous, secret);
        chain.add(previous);
      }
      if (!chain.isEmpty()) {
        chains.add(chain);
      }
    }
    return chains;
  }

  /** Writes its bytes in random pieces, from an array that it overwrites afterwards. */
  private static class CutPrompt implements TokenizedPrompt {

    private final List<byte[]> prompts;
    private final String salt;
    private final Random random;

    CutPrompt(List<byte[]> prompts, String salt, Random random) {
      this.prompts = prompts;
      this.salt = salt;
      this.random = random;
    }

    @Override
    public int prompts() {
      return prompts.size();
    }

    @Override
    public int tokens(int prompt) {
      return prompts.get(prompt).length / 4;
    }

    @Override
    public void writeTokens(int prompt, ByteSink sink) {
      byte[] bytes = prompts.get(prompt);
      for (int at = 0; at < bytes.length; ) {
        int length = Math.min(bytes.length - at, random.nextInt(500));
        byte[] shared = Arrays.copyOfRange(bytes, Math.max(0, at - 3), at + length);
        sink.write(shared, at - Math.max(0, at - 3), length);
        Arrays.fill(shared, (byte) -1);
        at += length;
      }
    }

    @Override
    public String cacheSalt() {
      return salt;
    }

    @Override
    public List<Feature> features(int prompt) {
      return List.of();
    }
  }

  /** Endless as far as the hasher can see. */
  private static final class StoppingPrompt extends CutPrompt {

    private int writes;

    StoppingPrompt() {
      super(List.of(new byte[64 * 1000]), "", new Random(1));
    }

    @Override
    public void writeTokens(int prompt, ByteSink sink) {
      while (!sink.isFull()) {
        sink.write(new byte[64], 0, 64);
        writes++;
      }
    }
  }
}
