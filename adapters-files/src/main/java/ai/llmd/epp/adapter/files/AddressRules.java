package ai.llmd.epp.adapter.files;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/** What an endpoints file may have as an address. */
enum AddressRules {
  /** IPv4 and IPv6 literals. */
  LITERALS("must be an IPv4 or IPv6 address, host names are not resolved"),

  /** Literals, and names of hosts (RFC 1123). */
  LITERALS_AND_NAMES("must be an IPv4 or IPv6 address or the name of a host");

  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern LEADING_ZERO = Pattern.compile("(.*\\.)?0[0-9].*");
  private static final int MAX_NAME = 253;
  private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
  private static final Pattern NUMBER_AT_END = Pattern.compile("(.*\\.)?[0-9]+");

  private final String demand;

  AddressRules(String demand) {
    this.demand = demand;
  }

  /** What an address must be, to be followed by what it was. */
  String demand() {
    return demand;
  }

  boolean allows(String address) {
    return isLiteral(address) || (this == LITERALS_AND_NAMES && isName(address));
  }

  private static boolean isLiteral(String text) {
    if (IPV4.matcher(text).matches()) {
      if (LEADING_ZERO.matcher(text).matches()) { // octal to some
        return false;
      }
    } else if (text.indexOf(':') < 0 || text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
      return false;
    }
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      // ofLiteral takes "::ffff:192.0.2.1" for IPv4, which is what it stands for
      return address instanceof Inet4Address || text.indexOf(':') >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** What ends in a number is a mistyped address: no name does. */
  private static boolean isName(String text) {
    return text.length() <= MAX_NAME
        && NAME.matcher(text).matches()
        && !NUMBER_AT_END.matcher(text).matches();
  }
}
