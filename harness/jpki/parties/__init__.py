"""The parties around the card, a module or package each; they speak to the card through APDUs only."""
