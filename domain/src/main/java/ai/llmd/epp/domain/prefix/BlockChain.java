package ai.llmd.epp.domain.prefix;

import ai.llmd.epp.domain.request.ByteSink;

/**
 * Takes the token bytes of one prompt after another and hashes each block as soon as it is
 * complete: from the writer's array when the block lies in one write, through the hash's own state
 * when it is scattered. Blocks beyond the wanted ones are not looked at.
 */
final class BlockChain implements ByteSink {

  private final long[] hashes;
  private final long blockBytes;
  private final long secret;
  private final XxHash64 scattered;
  private long scatteredBytes;
  private long previous;
  private int size;
  private int end;

  BlockChain(long[] hashes, long blockBytes, long secret) {
    this.hashes = hashes;
    this.blockBytes = blockBytes;
    this.secret = secret;
    this.scattered = new XxHash64(secret);
  }

  /** Starts a prompt of which {@code blocks} blocks are wanted, 1 or more. */
  void begin(long seed, int blocks) {
    previous = seed;
    end = size + blocks;
  }

  /**
   * Completes the prompt's last, shorter block.
   *
   * @return hashes of all prompts so far
   */
  int finish() {
    if (scatteredBytes > 0 && !isFull()) {
      completeScattered();
    }
    scatteredBytes = 0;
    if (!isFull()) {
      throw new IllegalStateException("the prompt has fewer tokens than it announced");
    }
    return size;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    int at = offset;
    int limit = offset + length;
    while (at < limit && !isFull()) {
      if (scatteredBytes == 0 && limit - at >= blockBytes) {
        append(XxHash64.hash(bytes, at, (int) blockBytes, secret));
        at += (int) blockBytes;
      } else {
        int taken = (int) Math.min(limit - at, blockBytes - scatteredBytes);
        gather(bytes, at, taken);
        at += taken;
      }
    }
  }

  @Override
  public boolean isFull() {
    return size == end;
  }

  private void gather(byte[] bytes, int offset, int length) {
    if (scatteredBytes == 0) {
      scattered.reset(secret);
    }
    scattered.update(bytes, offset, length);
    scatteredBytes += length;
    if (scatteredBytes == blockBytes) {
      completeScattered();
    }
  }

  private void completeScattered() {
    append(scattered.digest());
    scatteredBytes = 0;
  }

  private void append(long content) {
    previous = XxHash64.hash(content, previous, secret);
    hashes[size++] = previous;
  }
}
