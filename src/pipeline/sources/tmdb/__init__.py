"""The Movies Dataset of Kaggle: data=movies_dataset."""
