package ai.llmd.epp.application.precise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.precise.PreciseParameters.BlockIndex;
import ai.llmd.epp.application.precise.PreciseParameters.CostAware;
import ai.llmd.epp.application.precise.PreciseParameters.InMemory;
import ai.llmd.epp.application.precise.PreciseParameters.KvEvents;
import ai.llmd.epp.application.precise.PreciseParameters.PodDiscovery;
import ai.llmd.epp.application.precise.PreciseParameters.Redis;
import ai.llmd.epp.application.precise.PreciseParameters.TokenProcessor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreciseParametersTest {

  @ParameterizedTest
  @CsvSource({
    "500MiB, 524288000",
    "1GB, 1000000000",
    "100, 100",
    "2 gib, 2147483648",
    "1.5kB, 1500",
    "3k, 3000"
  })
  void sizesAreWrittenWithUnits(String size, long bytes) {
    assertThat(index(size).maxBytes(Long.MAX_VALUE)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "GiB", "-1", "5 apples"})
  void otherSizesAreRefused(String size) {
    assertThatThrownBy(() -> new CostAware(size)).hasMessageContaining("size");
  }

  @Test
  void theHeapBoundsTheIndex() {
    assertThat(PreciseParameters.DEFAULT.indexerConfig().kvBlockIndexConfig().maxBytes(1000))
        .isEqualTo(1000);
  }

  @Test
  void theOldNameOfTheBlockSizeCountsWhereTheNewOneIsMissing() {
    assertThat(new TokenProcessor(0, 64, "", "").hasher().blockTokens()).isEqualTo(64);
    assertThat(new TokenProcessor(32, 64, "", "").hasher().blockTokens()).isEqualTo(32);
    assertThat(new TokenProcessor(0, 0, "", "").hasher().blockTokens()).isEqualTo(16);
  }

  @Test
  void refusesWhatCannotWork() {
    PodDiscovery ports = PreciseParameters.DEFAULT.kvEventsConfig().podDiscoveryConfig();
    assertThatThrownBy(() -> new TokenProcessor(-1, 0, "", ""))
        .hasMessageContaining("blockSizeTokens");
    assertThatThrownBy(() -> new TokenProcessor(0, 0, "", "sha256")).hasMessageContaining("xxh64");
    assertThatThrownBy(() -> new KvEvents("", "kv@", 0, "", true, ports))
        .hasMessageContaining("concurrency");
    assertThatThrownBy(() -> new KvEvents("", "kv@", 4, "trt", true, ports))
        .hasMessageContaining("engineType");
    assertThatThrownBy(() -> new PodDiscovery("", "", 0, 0)).hasMessageContaining("socketPort");
  }

  @Test
  void saysThatASharedStoreOfTheIndexIsNotUsed() {
    InMemory memory = new InMemory(1, 10);
    Redis redis = new Redis("redis://r");
    assertThat(withIndex(new BlockIndex(memory, null, redis, false, 0), "").deprecations())
        .singleElement()
        .asString()
        .contains("redisConfig is not connected to")
        .doesNotContain("zmqEndpoint");
    assertThat(withIndex(new BlockIndex(memory, null, redis, false, 0), "tcp://*:1").deprecations())
        .singleElement()
        .asString()
        .contains("must connect to every replica");
    assertThat(
            withIndex(new BlockIndex(memory, new CostAware("1GB"), redis, false, 0), "")
                .deprecations())
        .isEmpty();
    assertThat(PreciseParameters.DEFAULT.deprecations()).isEmpty();
  }

  private static PreciseParameters withIndex(BlockIndex index, String zmqEndpoint) {
    PreciseParameters usual = PreciseParameters.DEFAULT;
    KvEvents events = usual.kvEventsConfig();
    return new PreciseParameters(
        usual.tokenProcessorConfig(),
        new PreciseParameters.Indexer(index, List.of(), null),
        new KvEvents(zmqEndpoint, "kv@", 4, "", true, events.podDiscoveryConfig()),
        false,
        usual.speculativeTTL());
  }

  private static BlockIndex index(String size) {
    return new BlockIndex(new InMemory(1, 10), new CostAware(size), null, false, 0);
  }
}
