package ai.llmd.epp.image;

import java.util.stream.Stream;

/** A kind of processor that images are made for. */
enum Architecture {
  AMD64("amd64", "x86_64", "x86_64-linux-gnu", 62),
  ARM64("arm64", "aarch_64", "aarch64-linux-gnu", 183);

  private final String image;
  private final String classifier;
  private final String folder;
  private final int machine;

  Architecture(String image, String classifier, String folder, int machine) {
    this.image = image;
    this.classifier = classifier;
    this.folder = folder;
    this.machine = machine;
  }

  /**
   * The one that images call so.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Architecture named(String name) {
    return Stream.of(values())
        .filter(one -> one.image.equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("an image is for amd64 or arm64, not for " + name));
  }

  /** That of the machine this runs on. */
  static Architecture ofThisMachine() {
    return System.getProperty("os.arch").equals("aarch64") ? ARM64 : AMD64;
  }

  /** As images name it. */
  String image() {
    return image;
  }

  /** As jars with native libraries for Linux name it. */
  String classifier() {
    return classifier;
  }

  /** Where Debian keeps its shared libraries, below {@code /usr/lib} and {@code /lib}. */
  String folder() {
    return folder;
  }

  /** As ELF files name it. */
  int machine() {
    return machine;
  }
}
