/** Plugins that follow a response and tell the client, or the gateway, something about it. */
@NullMarked
package ai.llmd.epp.application.response;

import org.jspecify.annotations.NullMarked;
