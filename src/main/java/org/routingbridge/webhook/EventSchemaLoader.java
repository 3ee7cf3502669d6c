package org.routingbridge.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Locale;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Format;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import org.apache.camel.CamelContext;
import org.apache.camel.component.jsonvalidator.DefaultJsonUriSchemaLoader;
import org.apache.camel.support.ResourceHelper;
import org.routingbridge.event.Timestamps;

/**
 * Makes the validator speak English and in JSON Pointers, wherever it runs, assert every {@code format}, and take for a
 * {@code date-time} exactly what the bridge can read as one.
 */
public final class EventSchemaLoader extends DefaultJsonUriSchemaLoader {

    private final JsonSchemaFactory factory = JsonSchemaFactory
            .builder(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7))
            .metaSchema(JsonMetaSchema.builder(JsonMetaSchema.getV7()).format(new DateTimeFormat()).build())
            .build();

    public EventSchemaLoader() {
        config = SchemaValidatorsConfig.builder()
                .pathType(PathType.JSON_POINTER)
                .formatAssertionsEnabled(true)
                .locale(Locale.ENGLISH)
                .build();
    }

    @Override
    public JsonSchema createSchema(CamelContext camelContext, String schemaUri) throws IOException {
        try (InputStream schema = ResourceHelper.resolveMandatoryResourceAsInputStream(camelContext, schemaUri)) {
            return factory.getSchema(URI.create("classpath:" + schemaUri), mapper.readTree(schema), config);
        }
    }

    private static final class DateTimeFormat implements Format {

        @Override
        public String getName() {
            return "date-time";
        }

        @Override
        @SuppressWarnings("deprecation")
        public String getErrorMessageDescription() {
            return "must be an RFC 3339 date-time";
        }

        @Override
        public boolean matches(ExecutionContext context, String value) {
            return Timestamps.parse(value).isPresent();
        }
    }
}
