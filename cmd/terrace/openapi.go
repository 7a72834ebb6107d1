package main

import (
	"github.com/spf13/cobra"

	"terrace/api"
)

func openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the OpenAPI document of the API", Args: noArguments,
		Long: `Prints the document from which clients of the API are generated. A running API
gives it at /openapi.json, and a page to read at /docs. Needs no database.

  terrace openapi > openapi.json`,
		RunE: func(c *cobra.Command, _ []string) error {
			document, err := api.OpenAPI()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(document)
			return err
		},
	}
}
