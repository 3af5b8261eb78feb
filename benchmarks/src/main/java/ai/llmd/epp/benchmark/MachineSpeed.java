package ai.llmd.epp.benchmark;

import java.lang.management.ManagementFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import picocli.CommandLine.Command;

/** How fast a core is at this moment; shared machines drift, and figures are compared by it. */
@Command(name = "speed")
final class MachineSpeed implements Runnable {

  private static final int MEBIBYTES = 48;

  @Override
  public void run() {
    System.out.println(sha256MegabytesPerCpuSecond());
  }

  /** SHA-256 megabytes per second of CPU time. */
  static double sha256MegabytesPerCpuSecond() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] data = new byte[1 << 20];
      digest(digest, data); // compiles
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      digest(digest, data);
      long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      return MEBIBYTES * 1.048576 / (nanos / 1e9);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void digest(MessageDigest digest, byte[] data) {
    for (int i = 0; i < MEBIBYTES; i++) {
      digest.update(data);
    }
    digest.digest();
  }
}
