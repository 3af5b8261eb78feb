package ai.llmd.epp.simulator.kvevents;

import ai.llmd.epp.simulator.engine.Job;
import java.util.Arrays;

/** Writes events, as arrays or as maps. */
final class EventWriter {

  private static final String MEDIUM = "GPU";

  private final boolean isMap;
  private final int blockTokens;

  EventWriter(boolean isMap, int blockTokens) {
    this.isMap = isMap;
    this.blockTokens = blockTokens;
  }

  byte[] stored(Job job, long[] chain, int from) {
    Msgpack event = new Msgpack();
    if (isMap) {
      event.map(8).text("type");
    } else {
      event.array(8);
    }
    event.text("BlockStored");
    hashes(key(event, "block_hashes"), Arrays.copyOfRange(chain, from, chain.length));
    key(event, "parent_block_hash");
    if (from == 0) {
      event.nil();
    } else {
      event.number(chain[from - 1]);
    }
    int begin = from * blockTokens;
    int end = chain.length * blockTokens;
    key(event, "token_ids").array(end - begin);
    for (int i = begin; i < end; i++) {
      event.number(Integer.toUnsignedLong(token(job, i)));
    }
    key(event, "block_size").number(blockTokens);
    key(event, "lora_id").nil();
    key(event, "medium").text(MEDIUM);
    key(event, "lora_name").text(job.adapter());
    return event.bytes();
  }

  /** Of the prompt, with the answer behind it. */
  private static int token(Job job, int index) {
    int[] prompt = job.promptTokens();
    return index < prompt.length ? prompt[index] : job.outputTokens()[index - prompt.length];
  }

  byte[] removed(long block) {
    Msgpack event = new Msgpack();
    if (isMap) {
      event.map(3).text("type");
    } else {
      event.array(3);
    }
    event.text("BlockRemoved");
    hashes(key(event, "block_hashes"), new long[] {block});
    return key(event, "medium").text(MEDIUM).bytes();
  }

  byte[] cleared() {
    Msgpack event = new Msgpack();
    if (isMap) {
      event.map(1).text("type");
    } else {
      event.array(1);
    }
    return event.text("AllBlocksCleared").bytes();
  }

  private Msgpack key(Msgpack event, String name) {
    return isMap ? event.text(name) : event;
  }

  private static void hashes(Msgpack event, long[] hashes) {
    event.array(hashes.length);
    for (long hash : hashes) {
      event.number(hash);
    }
  }
}
