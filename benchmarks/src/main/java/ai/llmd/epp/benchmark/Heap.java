package ai.llmd.epp.benchmark;

/** What is in use of the heap. */
final class Heap {

  private static final int COLLECTIONS = 4;

  private Heap() {}

  /** Bytes in use after some collections. */
  static long used() throws InterruptedException {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      Thread.sleep(100);
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
