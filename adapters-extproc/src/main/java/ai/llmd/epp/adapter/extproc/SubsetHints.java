package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.domain.request.SubsetHint;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.HashSet;
import java.util.Set;

/** Reads which endpoints the gateway allows out of the metadata it sends. */
final class SubsetHints {

  private static final String NAMESPACE = "envoy.lb.subset_hint";
  private static final String KEY = "x-gateway-destination-endpoint-subset";

  private SubsetHints() {}

  /**
   * A list restricts to its addresses, an empty one to none; so does a text of addresses with
   * commas, which the GIE's own picker takes. Anything else allows every endpoint.
   */
  static SubsetHint read(Metadata metadata) {
    Struct namespace = metadata.getFilterMetadataMap().get(NAMESPACE);
    Value hint = namespace == null ? null : namespace.getFieldsMap().get(KEY);
    if (hint == null) {
      return SubsetHint.ALL;
    }
    return switch (hint.getKindCase()) {
      case LIST_VALUE -> listed(hint);
      case STRING_VALUE -> separated(hint.getStringValue());
      case NULL_VALUE, NUMBER_VALUE, BOOL_VALUE, STRUCT_VALUE, KIND_NOT_SET -> SubsetHint.ALL;
    };
  }

  private static SubsetHint listed(Value hint) {
    Set<String> addresses = new HashSet<>();
    for (Value entry : hint.getListValue().getValuesList()) {
      if (entry.hasStringValue()) {
        addresses.add(address(entry.getStringValue()));
      }
    }
    return SubsetHint.only(addresses);
  }

  private static SubsetHint separated(String entries) {
    if (entries.isBlank()) {
      return SubsetHint.ALL;
    }
    Set<String> addresses = new HashSet<>();
    for (String entry : entries.split(",", -1)) {
      addresses.add(address(entry.strip()));
    }
    return SubsetHint.only(addresses);
  }

  /** Takes brackets and port away; a bare IPv6 address has no port. */
  private static String address(String entry) {
    if (entry.startsWith("[")) {
      int end = entry.indexOf(']');
      return end < 0 ? entry : entry.substring(1, end);
    }
    int colon = entry.lastIndexOf(':');
    boolean isBareIpv6 = colon != entry.indexOf(':');
    return colon < 0 || isBareIpv6 ? entry : entry.substring(0, colon);
  }
}
