package ai.llmd.epp.benchmark;

import java.lang.management.ManagementFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** How fast a core is at this moment; shared machines drift, and figures are compared by it. */
final class MachineSpeed {

  private static final int MEBIBYTES = 48;

  private MachineSpeed() {}

  /** SHA-256 megabytes per second of CPU time. */
  static double sha256MegabytesPerCpuSecond() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] data = new byte[1 << 20];
      run(digest, data); // compiles
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      run(digest, data);
      long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      return MEBIBYTES * 1.048576 / (nanos / 1e9);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void run(MessageDigest digest, byte[] data) {
    for (int i = 0; i < MEBIBYTES; i++) {
      digest.update(data);
    }
    digest.digest();
  }
}
