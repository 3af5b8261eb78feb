package ai.llmd.epp.adapter.kvevents;

import ai.llmd.epp.domain.kvcache.KvEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Takes copies of the events of messages. */
final class Decoded {

  record Event(
      String type,
      List<Long> hashes,
      long parent,
      List<Integer> tokens,
      int blockTokens,
      String medium,
      String loraName,
      String cacheSalt,
      String cacheKind,
      int group,
      boolean hasExtras,
      List<List<String>> extras) {}

  private final KvEventDecoder decoder;
  private final List<Event> events = new ArrayList<>();
  private double time;

  Decoded(EngineType engine) {
    decoder = new KvEventDecoder(engine);
  }

  KvEventDecoder.Result take(byte[] payload) throws MalformedPayloadException {
    KvEventDecoder.Result result = decoder.decode(payload, event -> events.add(copy(event)));
    time = result.time();
    return result;
  }

  List<Event> events() {
    return events;
  }

  double time() {
    return time;
  }

  private static Event copy(KvEvent event) {
    String type =
        switch (event.kind()) {
          case STORED -> "BlockStored";
          case REMOVED -> "BlockRemoved";
          case CLEARED -> "AllBlocksCleared";
        };
    return new Event(
        type,
        Arrays.stream(event.hashes()).limit(event.hashCount()).boxed().toList(),
        event.parent(),
        Arrays.stream(event.tokens()).limit(event.tokenCount()).boxed().toList(),
        event.blockTokens(),
        event.medium(),
        event.loraName(),
        event.cacheSalt(),
        event.cacheKind(),
        event.group(),
        event.hasExtras(),
        IntStream.range(0, event.extras().blocks()).mapToObj(event.extras()::texts).toList());
  }
}
