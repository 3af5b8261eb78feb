package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A program or a shared library of Linux, 64 bits, little-endian: whose processor it is for, and
 * what has to be loaded with it. Read by its ELF headers, so that no tool of that processor is
 * needed.
 *
 * @param machine as ELF numbers processors
 * @param loader path of what loads it; empty for libraries
 * @param needed names of the libraries that it needs
 */
record ElfFile(int machine, String loader, List<String> needed) {

  private static final int MAGIC = 0x464c457f;
  private static final int WIDE_LITTLE_ENDIAN = 0x0102;
  private static final int HEADER = 64;
  private static final int SEGMENT = 56;
  private static final int LOAD = 1;
  private static final int DYNAMIC = 2;
  private static final int LOADER = 3;
  private static final int NEEDED = 1;
  private static final int NAMES = 5;

  private record Segment(int type, long offset, long address, long size) {}

  /** Empty when it is no such file. */
  static Optional<ElfFile> read(byte[] bytes) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < HEADER
        || file.getInt(0) != MAGIC
        || file.getShort(4) != WIDE_LITTLE_ENDIAN) {
      return Optional.empty();
    }
    try {
      List<Segment> segments = segments(file);
      String loader = "";
      for (Segment segment : segments) {
        if (segment.type == LOADER) {
          loader = text(file, segment.offset);
        }
      }
      int machine = Short.toUnsignedInt(file.getShort(18));
      return Optional.of(new ElfFile(machine, loader, needed(file, segments)));
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("an ELF file is cut off", e);
    }
  }

  private static List<Segment> segments(ByteBuffer file) {
    long start = file.getLong(32);
    int count = Short.toUnsignedInt(file.getShort(56));
    List<Segment> segments = new ArrayList<>();
    for (int one = 0; one < count; one++) {
      int at = at(start + (long) one * SEGMENT);
      segments.add(
          new Segment(
              file.getInt(at), file.getLong(at + 8), file.getLong(at + 16), file.getLong(at + 32)));
    }
    return segments;
  }

  private static List<String> needed(ByteBuffer file, List<Segment> segments) {
    List<Long> names = new ArrayList<>();
    long table = 0;
    for (Segment segment : segments) {
      if (segment.type == DYNAMIC) {
        for (long entry = 0; entry + 16 <= segment.size; entry += 16) {
          int at = at(segment.offset + entry);
          long tag = file.getLong(at);
          if (tag == NEEDED) {
            names.add(file.getLong(at + 8));
          } else if (tag == NAMES) {
            table = offset(segments, file.getLong(at + 8));
          }
        }
      }
    }
    long start = table;
    return names.stream().map(name -> text(file, start + name)).toList();
  }

  /** Where in the file it is that the program will see at an address. */
  private static long offset(List<Segment> segments, long address) {
    for (Segment segment : segments) {
      if (segment.type == LOAD
          && address >= segment.address
          && address - segment.address < segment.size) {
        return address - segment.address + segment.offset;
      }
    }
    throw new IndexOutOfBoundsException("no segment has address " + address);
  }

  private static String text(ByteBuffer file, long offset) {
    int start = at(offset);
    int end = start;
    while (file.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    file.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static int at(long offset) {
    if (offset < 0 || offset > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException("no file is that long: " + offset);
    }
    return (int) offset;
  }
}
