/** Which way a request goes: what the picker said in headers, and what of it is allowed. */
@NullMarked
package ai.llmd.epp.sidecar.route;

import org.jspecify.annotations.NullMarked;
