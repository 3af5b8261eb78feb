package ai.llmd.epp.fuzz;

import ai.llmd.epp.adapter.kvevents.EngineType;
import ai.llmd.epp.adapter.kvevents.KvEventDecoder;
import ai.llmd.epp.adapter.kvevents.MalformedPayloadException;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEvent;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of KV caches: a payload is read or refused as a whole, what it contains is no more than
 * its bytes, what follows it does not matter, and whatever it says can be applied to an index.
 */
public final class KvEventFuzz {

  private static final int INDEX_BYTES = 1 << 22;

  private KvEventFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    for (EngineType engine : EngineType.values()) {
      List<String> events = read(engine, data);
      byte[] longer = Arrays.copyOf(data, data.length + 9);
      if (events != null) {
        JsonFuzz.require(events.equals(read(engine, longer)), "what follows a batch matters");
      }
    }
  }

  private static @Nullable List<String> read(EngineType engine, byte[] data) {
    KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    KvEventApplier applier =
        new KvEventApplier(
            new KvBlockIndex(INDEX_BYTES, locations, 1),
            new KvBlockHasher(HashAlgorithm.XXH64, "", 2),
            locations,
            new KvEventCounts());
    List<String> events = new ArrayList<>();
    try {
      new KvEventDecoder(engine)
          .decode(
              data,
              event -> {
                events.add(text(event));
                JsonFuzz.require(
                    event.tokenCount() + event.hashCount() + event.extras().blocks() <= data.length,
                    "an event is larger than its message");
                applier.apply(event, 3, "m");
                applier.apply(event, 4, "m");
              });
      return events;
    } catch (MalformedPayloadException e) {
      JsonFuzz.require(events.isEmpty(), "part of a malformed message was read");
      return null;
    }
  }

  private static String text(KvEvent event) {
    return event.kind()
        + Arrays.toString(Arrays.copyOf(event.hashes(), event.hashCount()))
        + event.parent()
        + Arrays.toString(Arrays.copyOf(event.tokens(), event.tokenCount()))
        + event.medium()
        + event.loraName();
  }

  static List<byte[]> seeds() {
    return List.of(
        // arrays: two blocks of an adapter with a salt, a removal, everything cleared
        HexFormat.of()
            .parseHex(
                "93cb3ff80000000000009399ab426c6f636b53746f72656492cf8000000000000001c4020102"
                    + "c09401cd0100ce000100000502c0a3475055a26c319292a26c31a473616c74c093ac426c6f63"
                    + "6b52656d6f76656491cf8000000000000001a347505591b0416c6c426c6f636b73436c656172"
                    + "656400"),
        // a map, with pairs as tokens
        HexFormat.of()
            .parseHex(
                "93cb40040000000000009188a474797065ab426c6f636b53746f726564ac626c6f636b5f6861"
                    + "7368657391d3ffffffffffffffffb1706172656e745f626c6f636b5f68617368c0a9746f6b65"
                    + "6e5f69647392920102920203aa626c6f636b5f73697a6502aa63616368655f73616c74a173a9"
                    + "67726f75705f69647800b26b765f63616368655f737065635f6b696e64ae66756c6c5f617474"
                    + "656e74696f6e00"));
  }
}
